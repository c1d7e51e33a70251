"""What goes into the kernel container and what comes out of it."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from typing import Any, cast

import pytest
from docker.errors import APIError
from docker.models.containers import Container

from autograder.errors import TooLarge
from autograder.execution import archives


class Sender:
    """What a container sends when it is asked for a file: whatever the daemon likes."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks
        self.sent = 0

    def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        """The chunks, counted."""
        return map(self._count, self.chunks), {}

    def _count(self, chunk: bytes) -> bytes:
        self.sent += 1
        return chunk


def fetched(sender: Sender, limit: int = 1 << 20) -> bytes:
    """What is taken from a sender."""
    return archives.fetched(cast(Container, sender), "/out/notebook.ipynb", limit)


def link_to(target: str) -> bytes:
    """An archive that holds a link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("notebook.ipynb")
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        archive.addfile(entry)
    return buffer.getvalue()


def test_a_file_comes_out_as_it_went_in() -> None:
    """The archive is only the way."""
    assert fetched(Sender(archives.packed({"/out/notebook.ipynb": b"words"}))) == b"words"


def test_files_are_packed_below_a_folder() -> None:
    """By paths without a slash at the front, as archives have them."""
    with tarfile.open(fileobj=io.BytesIO(archives.packed({"a/b": b"c"}, "/work"))) as archive:
        assert archive.getnames() == ["work/a/b"]


def test_what_a_folder_holds_is_taken_unopened() -> None:
    """It goes back into a container, never onto this computer."""
    sender = Sender(b"any", b"thing")
    assert archives.archived(cast(Container, sender), "/folder/.", 100, "The folder") == b"anything"
    with pytest.raises(TooLarge, match="The folder"):
        archives.archived(cast(Container, sender), "/folder/.", 4, "The folder")


def sparse() -> bytes:
    """An archive of 3 KB that holds a file of a terabyte."""
    entry = tarfile.TarInfo("notebook.ipynb")
    entry.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 40)}
    return entry.tobuf(tarfile.PAX_FORMAT) + bytes(1024)


@pytest.mark.parametrize(
    "archive",
    [b"", b"no archive at all", link_to("/etc/passwd"), link_to("notebook.ipynb"), sparse(), gzip.compress(sparse())],
    ids=["empty", "no archive", "a link out", "a link to itself", "sparse", "sparse and compressed"],
)
def test_what_is_no_plain_file_is_nothing(archive: bytes) -> None:
    """Least of all a link to a file of this computer, or a file of more bytes than were sent."""
    assert fetched(Sender(archive)) == b""


@pytest.mark.parametrize(
    "reason",
    [
        "mkdir /var/lib/docker/overlay2/a/merged/.pivot_root1: no space left on device",
        "lstat /var/lib/docker/overlay2/a/merged/out/status.json: not a directory",
        "lstat /var/lib/docker/volumes/w/_data/d/d: file name too long",
        "stat /var/lib/docker/overlay2/a/merged/out: too many levels of symbolic links",
    ],
)
def test_what_the_submission_made_unreadable_is_nothing(reason: str) -> None:
    """A disk that it filled, or a file where the run leaves its status, is not the grader's fault."""

    class Refusing(Sender):
        def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
            raise APIError(reason)

    assert fetched(Refusing()) == b""


def test_reading_stops_at_the_limit() -> None:
    """A daemon that sends without end is not listened to without end."""
    sender = Sender(*[b"x" * 1024] * 100)
    with pytest.raises(TooLarge):
        fetched(sender, limit=4096)
    assert sender.sent == 5


def test_nothing_of_ours_but_code_goes_in() -> None:
    """The student's code reads all of it."""
    with tarfile.open(fileobj=io.BytesIO(archives.sources("/lib", "/out"))) as archive:
        names = archive.getnames()
    assert {name for name in names if not name.endswith(".py")} == {"out/.keep"}
