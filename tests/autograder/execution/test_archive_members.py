"""Reading archives that were made to take a reader's memory."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest

from autograder.errors import TooLarge, TooManyFiles
from autograder.execution import archive_members, archives
from autograder.execution.archive_members import members

LIMIT = 1 << 20
TERABYTE = 1 << 40


def header(**fields: Any) -> bytes:
    """The blocks of a member with these fields; attributes of the PAX format have blocks of their own."""
    entry = tarfile.TarInfo("file")
    for name, value in fields.items():
        setattr(entry, name, value)
    return entry.tobuf(tarfile.PAX_FORMAT if entry.pax_headers else tarfile.GNU_FORMAT)


def with_attributes(**records: object) -> bytes:
    """A member whose size is in its attributes, as GNU's tar writes sparse files."""
    return header(pax_headers={f"GNU.sparse.{name}": str(value) for name, value in records.items()}, size=512)


def sparse() -> bytes:
    """GNU's older kind of sparse file: byte 483 of the header has the size with all holes."""
    block = bytearray(header(type=tarfile.GNUTYPE_SPARSE))
    block[483:495] = b"%011o\0" % (1 << 32)
    block[148:156] = b"%06o\0 " % (sum(block[:148]) + 8 * 32 + sum(block[156:]))
    return bytes(block)


@contextmanager
def little_memory() -> Iterator[None]:
    """Fail if more than a few times the limit was in use at a time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 8 * LIMIT
    finally:
        tracemalloc.stop()


def read(archive: bytes, mode: Literal["r:", "r|"] = "r|") -> dict[str, bytes | None]:
    """Everything that a reader gets of an archive."""
    return {
        member.name: content.read() if content else None
        for member, content in members(io.BytesIO(archive), LIMIT, mode)
    }


@pytest.mark.parametrize("mode", ["r:", "r|"])
def test_members_have_their_contents(mode: Literal["r:", "r|"]) -> None:
    """A file has its bytes, also with a long name; a folder and a link have none."""
    plain = archives.packed({"a": b"1", f"{'b' * 300}": b"22"})
    link = header(type=tarfile.SYMTYPE, linkname="/etc/passwd")
    assert read(link + header(name="d", type=tarfile.DIRTYPE) + plain, mode) == {
        "file": None, "d": None, "a": b"1", "b" * 300: b"22",
    }  # fmt: skip


#: What a daemon could send, a few kilobytes each.
_HOSTILE = {
    "a sparse file": sparse() + bytes(1024),
    "a sparse file of format 0.0": with_attributes(size=TERABYTE, offset=0, numbytes=1),
    "a sparse file of format 0.1": with_attributes(size=TERABYTE, map="0,1"),
    "a sparse file of format 1.0": with_attributes(major=1, minor=0, realsize=TERABYTE) + b"1\n0\n1\n",
    "a file that isn't there": header(size=TERABYTE),
    "a size below zero": header(pax_headers={"size": "-512"}),
    "a negative size": header(size=-TERABYTE),
    "a name of a terabyte": header(type=tarfile.GNUTYPE_LONGNAME, size=TERABYTE),
    "attributes of a terabyte": header(type=tarfile.XHDTYPE, size=TERABYTE),
    "a name of less than nothing": header(type=tarfile.GNUTYPE_LONGNAME, size=-512),
    "attributes for all": header(type=tarfile.XGLTYPE, size=512) + bytes(512),
    "names of names": header(type=tarfile.GNUTYPE_LONGNAME, size=1) * 4000,
    "no archive": b"x" * 2048,
}


@pytest.mark.parametrize("mode", ["r:", "r|"])
@pytest.mark.parametrize("kind", _HOSTILE)
def test_an_archive_made_for_its_reader_is_refused(kind: str, mode: Literal["r:", "r|"]) -> None:
    """Whatever its headers claim, it takes little memory and ends in one of two errors."""
    with little_memory(), pytest.raises((TooLarge, tarfile.TarError)):
        read(_HOSTILE[kind] + bytes(1024), mode)


def test_headers_have_a_limit_together() -> None:
    """Many headers of one member, each within the limit, are too much, and those of many members are not."""
    long = header(type=tarfile.GNUTYPE_LONGNAME, size=300 << 10) + b"n" * (300 << 10)
    assert len(read((long + header()) * 8)) == 1
    with pytest.raises(TooLarge, match="A header"):
        read(long * 4 + header())


def test_very_many_members_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is forgotten when the next one is read, and there is a limit to their number."""
    archive = io.BytesIO(header() * 20_000)
    with little_memory():
        assert sum(1 for _ in members(archive, LIMIT)) == 20_000
    monkeypatch.setattr(archive_members, "_MOST_MEMBERS", 10)
    with pytest.raises(TooManyFiles, match="more than 10 files"):
        read(header() * 11)
