"""A machine's parts as one file: a teacher builds once, a class downloads once.

A bundle is a tar, compressed with zstandard. First ``header.json`` (format, architecture, the names of the two cache
folders), then every file, a sparse one as a member for each piece of data (``base/disk.img@OFFSET``), and last
``index.json`` with each file's length, mode and SHA-256. Whatever is cut short has no index; whatever was changed
doesn't match it; and nothing reaches the cache before all of it has been compared.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import zstandard

from drydock.core.paths import cache_folder
from drydock.core.progress import step
from drydock.errors import BadBundle
from drydock.machine.artifacts import kernel_source, machine_build
from drydock.machine.host import preflight
from drydock.machine.store import artifact_cache

_FORMAT = 1
_ARCHITECTURE = "x86_64"
_BLOCK = 1 << 20
#: A name or an index longer than this is nothing we wrote; bytes.
_MOST_TEXT = 4 << 20

Index = dict[str, dict[str, Any]]


def export(file: Path) -> None:
    """Write the present recipe's parts to ``file``, building them first where they are missing."""
    parts = machine_build.build()
    folders = {"kernel": parts.kernel.program.parent, "base": parts.base}
    header = {"format": _FORMAT, "architecture": _ARCHITECTURE} | {part: path.name for part, path in folders.items()}
    fresh = file.with_name(f".{file.name}.new")
    compressor = zstandard.ZstdCompressor(level=9, threads=-1)
    try:
        with (
            step(f"Writing {file.name}"),
            fresh.open("wb") as raw,
            compressor.stream_writer(raw) as packed,
            tarfile.open(fileobj=packed, mode="w|") as archive,
        ):
            _fill(archive, header, folders)
        fresh.rename(file)
    finally:
        fresh.unlink(missing_ok=True)


def take(source: str) -> machine_build.Artifacts:
    """Fill the cache from a bundle, a path or a URL; raises :class:`BadBundle` with nothing half-installed."""
    preflight.check_platform()
    preflight.check_disk_space(cache_folder(), preflight.BUILD_BYTES)
    scratch = Path(tempfile.mkdtemp(prefix="bundle.new-", dir=cache_folder()))
    try:
        with _opened(source) as stream:
            header = _unpack(source, stream, scratch)
        for part in ("kernel", "base"):
            artifact_cache.make(header[part], lambda folder, final, part=part: _settle(scratch / part, folder, final))  # type: ignore[misc]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    parts = machine_build.ready()
    assert parts is not None
    return parts


def _fill(archive: tarfile.TarFile, header: dict[str, Any], folders: dict[str, Path]) -> None:
    _add(archive, "header.json", json.dumps(header).encode())
    index: Index = {}
    for part, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            _pack(archive, f"{part}/{path.relative_to(folder)}", path, index)
    _add(archive, "index.json", json.dumps(index).encode())


def _pack(archive: tarfile.TarFile, name: str, path: Path, index: Index) -> None:
    if path.is_symlink():
        index[name] = {"link": str(path.readlink())}
    elif path.is_file() and path.name != artifact_cache.MANIFEST:
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            for offset, length in _data(stream):
                entry = tarfile.TarInfo(f"{name}@{offset}")
                entry.size = length
                stream.seek(offset)
                archive.addfile(entry, _Hashing(stream, digest))
        facts = path.stat()
        index[name] = {"size": facts.st_size, "mode": facts.st_mode & 0o777, "sha256": digest.hexdigest()}


def _data(stream: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Offset and length of each piece of a file that isn't a hole."""
    size, offset = os.fstat(stream.fileno()).st_size, 0
    while offset < size:
        try:
            start = os.lseek(stream.fileno(), offset, os.SEEK_DATA)
        except OSError:  # nothing but a hole from here on
            return
        offset = os.lseek(stream.fileno(), start, os.SEEK_HOLE)
        yield start, offset - start


class _Hashing(io.RawIOBase):
    """A stream that is hashed as it is read."""

    def __init__(self, stream: IO[bytes], digest: hashlib._Hash) -> None:
        self._stream = stream
        self._digest = digest

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data


@contextmanager
def _opened(source: str) -> Iterator[IO[bytes]]:
    if "://" not in source:
        try:
            with Path(source).open("rb") as stream:
                yield stream
        except OSError as error:
            raise BadBundle(source, f"it can't be read: {error.strerror}") from None
        return
    try:
        with urllib.request.urlopen(source, timeout=60) as answer:
            yield answer
    except OSError as error:
        raise BadBundle(source, f"it can't be fetched: {error}") from None


def _unpack(source: str, stream: IO[bytes], scratch: Path) -> dict[str, Any]:
    """Write the bundle's files below ``scratch``; its header once all of it is proven."""
    index: Index | None = None
    header: dict[str, Any] = {}
    digests: dict[str, Any] = {}
    try:
        with (
            step(f"Unpacking {Path(source).name}"),
            zstandard.ZstdDecompressor().stream_reader(stream) as plain,
            tarfile.open(fileobj=plain, mode="r|") as archive,
        ):
            for entry in archive:
                content = archive.extractfile(entry)
                if content is None:
                    raise BadBundle(source, "it holds something that no bundle holds")
                if entry.name == "header.json":
                    header = _checked(source, json.loads(content.read(_MOST_TEXT)))
                elif entry.name == "index.json":
                    index = json.loads(content.read(_MOST_TEXT))
                else:
                    _write(scratch, entry, content, digests)
    except (zstandard.ZstdError, tarfile.TarError, EOFError, ValueError) as error:
        raise BadBundle(source, f"it is cut short or was never a bundle ({error})") from None
    if index is None or not header:
        raise BadBundle(source, "it is cut short: its index is missing")
    _prove(source, scratch, index, digests)
    return header


def _checked(source: str, header: dict[str, Any]) -> dict[str, Any]:
    if header.get("architecture") != _ARCHITECTURE:
        raise BadBundle(source, f"it was made for {header.get('architecture')}, and this is {_ARCHITECTURE}")
    ours = {"format": _FORMAT, "base": machine_build.base_name()}
    sorts = {kernel_source.folder_name(name) for name in kernel_source.SOURCES}
    if any(header.get(name) != value for name, value in ours.items()) or header.get("kernel") not in sorts:
        raise BadBundle(source, "it was made by another version of Drydock")
    return header


def _write(scratch: Path, entry: tarfile.TarInfo, content: IO[bytes], digests: dict[str, Any]) -> None:
    name, _, offset = entry.name.rpartition("@")
    target = scratch / name
    if not target.resolve().is_relative_to(scratch.resolve()):
        raise ValueError("a name leads out of the bundle")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch()
    digest = digests.setdefault(name, hashlib.sha256())
    with target.open("r+b") as file:
        file.seek(int(offset))
        while block := content.read(_BLOCK):
            digest.update(block)
            file.write(block)


def _prove(source: str, scratch: Path, index: Index, digests: dict[str, Any]) -> None:
    """Compare every file with the index, and give it its length, mode or link."""
    if not set(digests) <= set(index):
        raise BadBundle(source, "it was changed after it was made: it holds a file that its index doesn't know")
    for name, facts in index.items():
        target = scratch / name
        if not target.parent.resolve().is_relative_to(scratch.resolve()):
            raise BadBundle(source, "a name in it leads out of it")
        target.parent.mkdir(parents=True, exist_ok=True)
        if "link" in facts:
            target.symlink_to(facts["link"])
            continue
        digest = digests.get(name, hashlib.sha256()).hexdigest()
        if digest != facts["sha256"]:
            raise BadBundle(source, f"it was changed after it was made: {name} is not what its index says")
        target.touch()
        os.truncate(target, facts["size"])
        target.chmod(facts["mode"])


def _settle(unpacked: Path, folder: Path, final: Path) -> None:
    for path in unpacked.iterdir():
        path.rename(folder / path.name)
    kernel_source.relocate(folder, final)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
