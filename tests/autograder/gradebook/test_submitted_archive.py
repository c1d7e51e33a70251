"""Reading an untrusted archive."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.gradebook.submitted_archive import DamagedArchive, contents
from autograder.submission import Executable
from drydock.submit import MOST_FILES


def zipped(file: Path, files: dict[str, bytes], mode: int = 0o100644) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return file


@pytest.mark.parametrize("folder", ["", "service/", "my work/"])
def test_one_folder_and_litter_are_dropped(tmp_path: Path, folder: str) -> None:
    """As Finder, Explorer and JupyterHub pack; what the student says of the time is dropped, too."""
    files = {f"{folder}service.ipynb": b"{}", f"{folder}app/a.py": b"1", f"{folder}timestamp.txt": b"never"}
    litter = {f"__MACOSX/{folder}._service.ipynb": b"x", f"{folder}.DS_Store": b"x"}
    file = zipped(tmp_path / "work.zip", files | litter)
    assert contents(file) == {"service.ipynb": b"{}", "app/a.py": b"1"}


def test_a_zip_in_a_zip_is_opened_once(tmp_path: Path) -> None:
    """One level and no more; modes are kept."""
    inner = zipped(tmp_path / "inner.zip", {"entry.sh": b"x", "b": b"y"}, 0o100755)
    outer = zipped(tmp_path / "outer.ZIP", {"inner.zip": inner.read_bytes()})
    files = contents(outer)
    assert files == {"entry.sh": b"x", "b": b"y"}
    assert isinstance(files["entry.sh"], Executable)
    third = zipped(tmp_path / "third.zip", {"outer.zip": outer.read_bytes()})
    assert contents(third).keys() == {"inner.zip"}


def test_a_tar_is_read_too(tmp_path: Path) -> None:
    """A tar.gz with a folder in it."""
    with tarfile.open(tmp_path / "work.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("service/service.ipynb")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
    assert contents(tmp_path / "work.tar.gz") == {"service.ipynb": b"{}"}


def _half(folder: Path) -> Path:
    whole = zipped(folder / "half.zip", {"service.ipynb": b"{}" * 1000}).read_bytes()
    (folder / "half.zip").write_bytes(whole[: len(whole) // 2])
    return folder / "half.zip"


def _link(folder: Path) -> Path:
    with tarfile.open(folder / "link.tar", "w") as archive:
        entry = tarfile.TarInfo("service.ipynb")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    return folder / "link.tar"


DAMAGED: dict[str, Callable[[Path], Path]] = {
    "damaged": _half,
    "a link": _link,
    "wants to write": lambda folder: zipped(folder / "out.zip", {"../../x": b""}),
    "a link or a device": lambda folder: zipped(folder / "device.zip", {"x": b""}, 0o120777),
    "more than": lambda folder: zipped(folder / "many.zip", {str(n): b"" for n in range(MOST_FILES + 1)}),
    "larger than": lambda folder: zipped(folder / "bomb.zip", {str(n): bytes(20 << 20) for n in range(6)}),
}


@pytest.mark.parametrize("reason", DAMAGED)
def test_what_is_no_work_is_refused_whole(tmp_path: Path, reason: str) -> None:
    """Cut off, leading out, a link, a bomb: there is one error, with a reason."""
    with pytest.raises(DamagedArchive, match=reason):
        contents(DAMAGED[reason](tmp_path))
