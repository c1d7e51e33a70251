"""Bundles: all artifacts of a machine in one file, built once by a teacher and downloaded once by each student.

A bundle is a tar archive compressed with Zstandard. Its first member is ``header.json`` (format, architecture, and the
names of the two folders in the artifact cache); the other members are in the format of
:mod:`~drydock.machine.artifacts.sparse_archive`. Nothing is moved to the cache before everything has been verified.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import zstandard

from drydock.core.files import replacing
from drydock.core.paths import cache_folder
from drydock.core.progress import step
from drydock.core.tar_member import add_bytes
from drydock.errors import BadBundle
from drydock.machine.artifacts import kernel_source, machine_build, sparse_archive
from drydock.machine.artifacts.sparse_archive import ArchiveDamaged, Extraction
from drydock.machine.host import preflight
from drydock.machine.store import artifact_cache

_FORMAT = 1
_ARCHITECTURE = "x86_64"
_HEADER = "header.json"
#: The images share files, far from each other: within the largest window that every decompressor takes, a repetition is
#: stored once. That saves a tenth, and costs no time.
_COMPRESSION = zstandard.ZstdCompressionParameters.from_level(12, window_log=27, enable_ldm=True, threads=-1)

Header = dict[str, Any]


def export(file: Path) -> None:
    """Write the artifacts of the current recipe to ``file``; build missing ones first."""
    artifacts = machine_build.find_or_build()
    folders = {"kernel": artifacts.kernel.folder, "base": artifacts.base}
    names = {name: folder.name for name, folder in folders.items()}
    header = {"format": _FORMAT, "architecture": _ARCHITECTURE} | names
    compressor = zstandard.ZstdCompressor(compression_params=_COMPRESSION)
    with (
        step(f"Writing {file.name}"),
        replacing(file) as temporary,
        temporary.open("wb") as raw,
        compressor.stream_writer(raw) as compressed,
        tarfile.open(fileobj=compressed, mode="w|") as archive,
    ):
        add_bytes(archive, _HEADER, json.dumps(header).encode())
        sparse_archive.write(archive, folders, left_out=artifact_cache.MANIFEST)


def install(source: str) -> machine_build.Artifacts:
    """Install a bundle, a path or a URL, in the cache; raises :class:`BadBundle` and then changes nothing."""
    preflight.check_platform()
    preflight.check_disk_space(cache_folder(), preflight.BUILD_BYTES)
    scratch = Path(tempfile.mkdtemp(prefix="bundle.new-", dir=cache_folder()))
    try:
        with _open(source) as stream:
            header = _unpack(source, stream, scratch)
        for name in ("kernel", "base"):
            artifact_cache.find_or_build(header[name], partial(_move, scratch / name))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    artifacts = machine_build.find()
    assert artifacts is not None
    return artifacts


@contextmanager
def _open(source: str) -> Iterator[IO[bytes]]:
    if "://" not in source:
        try:
            with Path(source).open("rb") as stream:
                yield stream
        except OSError as error:
            raise BadBundle(source, f"It can't be read: {error.strerror}") from None
        return
    try:
        with urllib.request.urlopen(source, timeout=60) as response:
            yield response
    except OSError as error:
        raise BadBundle(source, f"It can't be downloaded: {error}") from None


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
    return header


def _move(unpacked: Path, temporary: Path, final: Path) -> None:
    """Move unpacked files to ``temporary``, which the cache will rename to ``final``."""
    for path in unpacked.iterdir():
        path.rename(temporary / path.name)
    kernel_source.set_loader(temporary, final)
