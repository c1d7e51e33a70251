"""Looks for bytes in a saved image: in every file of every layer, also in files that later layers hide."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator
from typing import IO, cast

from autograder.errors import TooLarge
from autograder.execution.archive_members import members

_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"


def present(archive: Iterable[bytes], needles: Collection[bytes], *, limit: int = 1 << 30) -> set[bytes]:
    """Return the needles that are in an image as ``docker save`` writes it.

    An image, or a layer when it is unpacked, that is larger than ``limit`` raises :class:`TooLarge`.
    """
    present: set[bytes] = set()
    for _, content in members(cast(IO[bytes], Stream(archive, limit)), limit):
        if content:
            present |= _in_one(_unpacked(content, limit), needles)
    return present


def _in_one(blocks: Iterable[bytes], needles: Collection[bytes]) -> set[bytes]:
    """A layer is an archive of files as they are, so a needle in a file is a needle in the archive."""
    present, overlap, end = set(), max(map(len, needles)) - 1, b""
    for block in blocks:
        window = end + block
        present |= {needle for needle in needles if needle in window}
        end = window[-overlap:] if overlap else b""
    return present


def _unpacked(content: IO[bytes], limit: int) -> Iterator[bytes]:
    """The bytes of a layer: some daemons keep layers compressed."""
    block, size = content.read(_BLOCK), 0
    inflate = zlib.decompressobj(31) if block.startswith(_GZIP) else None
    while block:
        plain = inflate.decompress(block, _BLOCK) if inflate else block
        size += len(plain)
        if size > limit:
            raise TooLarge("A layer", limit)
        yield plain
        block = (inflate.unconsumed_tail if inflate else b"") or content.read(_BLOCK)


class Stream:
    """The chunks that a daemon sends, as a file to read from once."""

    def __init__(self, chunks: Iterable[bytes], limit: int) -> None:
        self._chunks = iter(chunks)
        self._limit = self._room = limit

    def read(self, _: int) -> bytes:
        """The next chunk, however long; tarfile keeps what it doesn't need yet."""
        chunk = next(self._chunks, b"")
        self._room -= len(chunk)
        if self._room < 0:
            raise TooLarge("The image", self._limit)
        return chunk
