"""A member of a tar archive whose content is in memory."""

from __future__ import annotations

import io
import tarfile

from drydock.core.tar_member import add_bytes


def test_bytes_become_a_file_of_roots() -> None:
    """The member has the name, content and mode that were given, and belongs to root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        add_bytes(archive, "folder/secret", b"12345", mode=0o600)
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as archive:
        (member,) = archive.getmembers()
        content = archive.extractfile(member)
        assert content is not None
        assert content.read() == b"12345"
    assert (member.name, member.mode, member.uid, member.gid) == ("folder/secret", 0o600, 0, 0)
