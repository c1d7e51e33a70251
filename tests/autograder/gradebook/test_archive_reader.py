"""The files of an archive, before they are read."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import PurePosixPath

import pytest

from autograder.gradebook.archive_reader import DamagedArchive, members, relative


def test_a_zip_and_a_tar_have_the_same_members() -> None:
    """Path, mode, size and bytes; folders and links are none."""
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, mode in (("app/run.sh", 0o100755), ("link", 0o120777), ("app/", 0o40755), ("out\\", 0o100644)):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, b"x" if mode == 0o100755 else b"")
    with tarfile.open(fileobj=tarred, mode="w:gz") as other:
        script, link = tarfile.TarInfo("app/run.sh"), tarfile.TarInfo("link")
        script.size, script.mode, link.type, link.linkname = 1, 0o755, tarfile.SYMTYPE, "/etc/passwd"
        other.addfile(script, io.BytesIO(b"x"))
        other.addfile(link)
    for data in (zipped.getvalue(), tarred.getvalue()):
        [member] = members(data)
        assert (member.path, member.mode & 0o777, member.size) == (PurePosixPath("app/run.sh"), 0o755, 1)
        assert member.read() == b"x"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "a\\..\\..\\x", "a/" * 50 + "x", "x\0", "/", ""])
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    """By any separator; and so is one that no student's folder has."""
    with pytest.raises(DamagedArchive, match="wants to write"):
        relative(name)


@pytest.mark.parametrize("name", ["/x/y", "C:\\x\\y", "x//y", "./x/y"])
def test_a_root_and_a_drive_are_dropped(name: str) -> None:
    """As every unpacking program does."""
    assert relative(name) == PurePosixPath("x/y")
