"""Bundles: all artifacts of a machine in one file, built once by a teacher and downloaded once by each student.

A bundle is a tar archive compressed with Zstandard. Its first member is ``header.json`` (format, architecture, and the
names of the folders in the artifact cache); the other members are in the format of
:mod:`~drydock.machine.artifacts.sparse_archive`. Nothing is moved to the cache before everything has been verified.

Besides kernel and base disk it has the programs that a machine needs
(:mod:`~drydock.machine.artifacts.program_files`), so that it can be installed on any Linux.
"""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import tempfile
from functools import partial
from pathlib import Path
from typing import IO, Any

import zstandard

from drydock.core.files import replacing
from drydock.core.paths import cache_folder
from drydock.core.progress import step
from drydock.core.tar_member import add_bytes
from drydock.errors import BadBundle
from drydock.machine.artifacts import bundle_source, kernel_source, machine_build, program_files, sparse_archive
from drydock.machine.artifacts.sparse_archive import ArchiveDamaged, Extraction
from drydock.machine.host import bundled_programs, preflight
from drydock.machine.store import artifact_cache

_FORMAT = 1
_ARCHITECTURE = "x86_64"
_HEADER = "header.json"
#: The start of the name of the folder in the cache to which a bundle is unpacked.
_SCRATCH = "bundle.new-"
#: The images share files, far from each other: within the largest window that every decompressor takes, a repetition is
#: stored once. That saves a tenth, and costs no time.
_COMPRESSION = zstandard.ZstdCompressionParameters.from_level(12, window_log=27, enable_ldm=True, threads=-1)

Header = dict[str, Any]


def export(file: Path, *, programs: bool = True) -> None:
    """Write the artifacts of the current recipe to ``file``; build missing ones first.

    Without ``programs``, the bundle is for computers that have slirp4netns and Debian's C library.
    """
    artifacts = machine_build.find_or_build()
    folders = {"kernel": artifacts.kernel.folder, "base": artifacts.base}
    names = {name: folder.name for name, folder in folders.items()}
    with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch, step(f"Writing {file.name}"):
        if programs:
            folders["programs"] = Path(scratch)
            program_files.collect(Path(scratch), artifacts.base / "tools")
            names["programs"] = program_files.cache_name(Path(scratch), artifacts.base.name)
        _write(file, names, folders)


def _write(file: Path, names: Header, folders: dict[str, Path]) -> None:
    header = {"format": _FORMAT, "architecture": _ARCHITECTURE} | names
    compressor = zstandard.ZstdCompressor(compression_params=_COMPRESSION)
    with (
        replacing(file) as temporary,
        temporary.open("wb") as raw,
        compressor.stream_writer(raw) as compressed,
        tarfile.open(fileobj=compressed, mode="w|") as archive,
    ):
        add_bytes(archive, _HEADER, json.dumps(header).encode())
        sparse_archive.write(archive, folders, left_out=artifact_cache.MANIFEST)


def install(source: str) -> machine_build.Artifacts:
    """Install a bundle in the cache; raises :class:`BadBundle` and then changes nothing.

    ``source`` is a path or URL, with or without a digest: see :mod:`~drydock.machine.artifacts.bundle_source`.
    """
    preflight.check_platform()
    with artifact_cache.locked(
        cache_folder() / "bundle-unpacked.lock", "Waiting for another process to unpack a bundle"
    ):
        # The lock is ours, so these belong to a process that was killed while it unpacked.
        for unfinished in cache_folder().glob(f"{_SCRATCH}*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        preflight.check_disk_space(cache_folder(), preflight.BUILD_BYTES)
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=cache_folder()))
        try:
            _install(source, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    artifacts = machine_build.find()
    assert artifacts is not None
    return artifacts


def _install(source: str, scratch: Path) -> None:
    with bundle_source.opened(source) as stream:
        header = _unpack(bundle_source.address(source), stream, scratch)
    if "programs" in header:
        program_files.give_loader(scratch / "kernel", scratch / "programs")
    artifact_cache.find_or_build(header["kernel"], partial(_move_kernel, scratch / "kernel"))
    base = artifact_cache.find_or_build(header["base"], partial(_move, scratch / "base"))
    if "programs" in header:
        move = partial(_move_programs, scratch / "programs", base / "tools")
        artifact_cache.find_or_build(header["programs"], move)


def _unpack(source: str, stream: IO[bytes], scratch: Path) -> Header:
    """Extract the bundle to ``scratch`` and verify it; return its header."""
    header: Header = {}
    index: sparse_archive.Index | None = None
    extraction = Extraction(scratch)
    try:
        with (
            step(f"Unpacking {Path(source).name}"),
            zstandard.ZstdDecompressor().stream_reader(stream) as plain,
            tarfile.open(fileobj=plain, mode="r|") as archive,
        ):
            for member in archive:
                content = archive.extractfile(member)
                if content is None:
                    raise BadBundle(source, f"It has a member that no bundle has: {member.name}")
                if member.name == _HEADER:
                    header = _checked(source, _read_json(content))
                elif member.name == sparse_archive.INDEX:
                    index = _read_json(content)
                else:
                    extraction.add(member, content)
    except (zstandard.ZstdError, tarfile.TarError, EOFError, ValueError) as error:
        raise BadBundle(source, f"It is truncated or not a bundle ({error})") from None
    if index is None or not header:
        raise BadBundle(source, "It is truncated: its index is missing")
    try:
        extraction.finish(index)
    except ArchiveDamaged as error:
        raise BadBundle(source, str(error)) from None
    return header


def _read_json(content: IO[bytes]) -> Any:
    return json.loads(content.read(sparse_archive.MAX_INDEX_BYTES))


def _checked(source: str, header: Header) -> Header:
    """Return the header of a bundle that fits this computer and this version of Drydock."""
    if header.get("architecture") != _ARCHITECTURE:
        raise BadBundle(source, f"It was made for {header.get('architecture')}, and this computer is {_ARCHITECTURE}")
    kernels = {kernel_source.cache_name(name) for name in kernel_source.SOURCES}
    current = (_FORMAT, machine_build.base_cache_name())
    if (header.get("format"), header.get("base")) != current or header.get("kernel") not in kernels:
        raise BadBundle(source, "It was made by another version of Drydock")
    programs = header.get("programs")
    if programs is not None and not re.fullmatch(f"{bundled_programs.PREFIX}[0-9a-f]{{16}}", programs):
        raise BadBundle(source, "The folder of its programs has a name that no bundle gives")
    return header


def _move(unpacked: Path, temporary: Path, final: Path) -> None:
    """Move unpacked files to ``temporary``, which the cache will rename to ``final``."""
    for path in unpacked.iterdir():
        path.rename(temporary / path.name)


def _move_kernel(unpacked: Path, temporary: Path, final: Path) -> None:
    _move(unpacked, temporary, final)
    kernel_source.set_loader(temporary, final)


def _move_programs(unpacked: Path, tools: Path, temporary: Path, final: Path) -> None:
    _move(unpacked, temporary, final)
    program_files.set_up(temporary, final, tools)
