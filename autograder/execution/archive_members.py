"""The members of an archive that a daemon sends, one after the other, within limits.

The daemon is the submission's and may send any bytes. Python's reader keeps every member, believes each size, fills the
holes of sparse files with zeros, and reads headers of any length. So a few bytes could take all memory.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO, Any, Literal, NoReturn, Self

from autograder.errors import TooLarge, TooManyFiles

#: An image with an operating system and its tools has a tenth of these members. A name has 4 KB at most, an attribute
#: of a file 64 KB.
_MOST_MEMBERS, _HEADER_LIMIT = 200_000, 1 << 20
#: Headers that belong to the next member: its long name, its long target, its attributes.
_EXTENDED = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE)
#: What Docker never writes: it sends sparse files in full, and attributes beside the file that has them.
_UNUSUAL = (tarfile.GNUTYPE_SPARSE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)


def members(
    archive: IO[bytes], limit: int, mode: Literal["r:", "r|"] = "r|"
) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """Yield each member with its content, which can be read until the next one; None if it is no plain file.

    Raises :class:`TooLarge` for a member of more than ``limit`` bytes, :class:`TooManyFiles`, and
    :class:`tarfile.TarError` for what is no archive of Docker's.
    """
    opened: Any  # its type lacks the list of members
    header: Any = type("Header", (_Header,), {})
    try:
        with tarfile.open(fileobj=archive, mode=mode, bufsize=1 << 20, tarinfo=header) as opened:
            for _ in range(_MOST_MEMBERS):
                member = opened.next()
                if member is None:
                    return
                if not 0 <= member.size <= limit:
                    raise TooLarge("A file in an archive", limit)
                yield member, opened.extractfile(member) if member.isreg() else None
                opened.members.clear()
                header.extended = 0
    except (ValueError, ArithmeticError, RecursionError) as error:  # no number, or header upon header
        raise tarfile.ReadError(str(error)) from error
    raise TooManyFiles("An archive", _MOST_MEMBERS)


class _Header(tarfile.TarInfo):
    """The header of a member. ``extended`` counts the bytes of the headers that belong to it."""

    extended = 0

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type in _UNUSUAL or header.size < 0:
            raise tarfile.ReadError(f"a member of type {header.type!r} and {header.size} bytes")
        if header.type in _EXTENDED:
            cls.extended += max(header.size, tarfile.BLOCKSIZE)
            if cls.extended > _HEADER_LIMIT:
                raise TooLarge("A header in an archive", _HEADER_LIMIT)
        return header

    def _refuse(self, *_: Any) -> NoReturn:
        raise tarfile.ReadError("a sparse file")

    #: What Python calls for the three ways in which attributes make a file sparse.
    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse
