"""Reading an untrusted archive."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from autograder.gradebook.archive_reader import LIMIT, DamagedArchive
from autograder.gradebook.submitted_archive import contents, listed
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


@pytest.mark.parametrize("folder", ["", "service/", "my work/", "home/ada/course/service/"])
def test_folders_around_the_work_and_litter_are_dropped(tmp_path: Path, folder: str) -> None:
    """As Finder, Explorer and JupyterHub pack; what the student says of the time is dropped, too."""
    files = {f"{folder}service.ipynb": b"{}", f"{folder}app/a.py": b"1", f"{folder}timestamp.txt": b"never"}
    litter = {f"__MACOSX/{folder}._service.ipynb": b"x", f"{folder}.DS_Store": b"x"}
    file = zipped(tmp_path / "work.zip", files | litter)
    assert contents(file).files == {"service.ipynb": b"{}", "app/a.py": b"1"}


def test_a_zip_in_a_zip_is_opened_once(tmp_path: Path) -> None:
    """One level and no more; modes are kept."""
    inner = zipped(tmp_path / "inner.zip", {"entry.sh": b"x", "b": b"y"}, 0o100755)
    outer = zipped(tmp_path / "outer.ZIP", {"inner.zip": inner.read_bytes()})
    files = contents(outer).files
    assert files == {"entry.sh": b"x", "b": b"y"}
    assert isinstance(files["entry.sh"], Executable)
    third = zipped(tmp_path / "third.zip", {"outer.zip": outer.read_bytes()})
    assert contents(third).files.keys() == {"inner.zip"}


def test_a_tar_is_read_too(tmp_path: Path) -> None:
    """A tar.gz with a folder in it."""
    with tarfile.open(tmp_path / "work.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("service/service.ipynb")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
    assert contents(tmp_path / "work.tar.gz").files == {"service.ipynb": b"{}"}


def _half(folder: Path) -> Path:
    whole = zipped(folder / "half.zip", {"service.ipynb": b"{}" * 1000}).read_bytes()
    (folder / "half.zip").write_bytes(whole[: len(whole) // 2])
    return folder / "half.zip"


def _changed(file: Path, changes: dict[bytes, bytes]) -> Path:
    data = file.read_bytes()
    for old, new in changes.items():
        assert old in data
        data = data.replace(old, new)
    file.write_bytes(data)
    return file


def tarred(file: Path, mode: Literal["w", "w:gz", "w:bz2", "w:xz"], *links: bytes) -> Path:
    """A tar with a notebook, and beside it links of these types."""
    with tarfile.open(file, mode) as archive:
        entry = tarfile.TarInfo("service.ipynb")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
        for number, kind in enumerate(links):
            link = tarfile.TarInfo(str(number))
            link.type, link.linkname = kind, "/etc/passwd"
            archive.addfile(link)
    return file


#: Archives that unpack to one notebook, as a person's programs would do it.
TAKEN: dict[str, Callable[[Path], Path]] = {
    "names of Windows": lambda folder: _changed(
        zipped(folder / "a.zip", {"x/service.ipynb": b"{}"}), {b"x/service.ipynb": b"x\\service.ipynb"}
    ),
    "a drive": lambda folder: zipped(folder / "a.zip", {"C:/x/service.ipynb": b"{}"}),
    "a root": lambda folder: zipped(folder / "a.zip", {"/service.ipynb": b"{}"}),
    "links beside": lambda folder: tarred(folder / "a.tar", "w", tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE),
    "bzip2": lambda folder: tarred(folder / "a.tar.bz2", "w:bz2"),
    "xz": lambda folder: tarred(folder / "a.tar.xz", "w:xz"),
    "a tar that is called a zip": lambda folder: tarred(folder / "a.zip", "w:gz"),
    "a zip that is called a tar": lambda folder: zipped(folder / "a.tar.gz", {"service.ipynb": b"{}"}),
    "folders by Windows' separator": lambda folder: zipped(
        folder / "a.zip", {"out\\": b"", "out\\service.ipynb": b"{}"}
    ),
    "litter of Finder": lambda folder: zipped(
        folder / "a.zip", {"service.ipynb": b"{}"} | {f"__MACOSX/._{n}": b"x" for n in range(MOST_FILES + 1)}
    ),
    "a repository": lambda folder: zipped(
        folder / "a.zip", {f".git/objects/{n}": b"x" for n in range(MOST_FILES + 1)} | {"service.ipynb": b"{}"}
    ),
    "large litter": lambda folder: zipped(folder / "a.zip", {".git/pack": bytes(LIMIT + 1), "service.ipynb": b"{}"}),
    "a time beside the folder": lambda folder: zipped(
        folder / "a.zip", {"service/service.ipynb": b"{}", "timestamp.txt": b""}
    ),
}


@pytest.mark.parametrize("kind", TAKEN)
def test_what_a_person_can_unpack_is_read(tmp_path: Path, kind: str) -> None:
    """Names of other systems, other programs, an ending that is wrong, links beside the work."""
    assert contents(TAKEN[kind](tmp_path)).files == {"service.ipynb": b"{}"}


def test_a_zip_beside_a_note_is_opened(tmp_path: Path) -> None:
    """The only archive where there is no notebook; beside a notebook it stays what it is."""
    inner = zipped(tmp_path / "inner.zip", {"service.ipynb": b"{}"}).read_bytes()
    work = contents(zipped(tmp_path / "a.zip", {"x/work.zip": inner, "x/read me.txt": b""}))
    assert work.files == {"service.ipynb": b"{}"}
    beside = {"service.ipynb": b"{}", "data.zip": inner}
    assert contents(zipped(tmp_path / "b.zip", beside)).files == beside


def test_names_of_macos_are_utf_8(tmp_path: Path) -> None:
    """Its archive program writes them so, and does not say it."""
    file = _changed(zipped(tmp_path / "a.zip", {"gr##e.txt": b""}), {b"gr##e.txt": "gr\u00f6e.txt".encode()})
    assert contents(file).files == {"gr\u00f6e.txt": b""}


#: The beginning of an entry in a zip's directory, and with the flag of encryption.
_ENCRYPTED = {b"PK\1\2\x14\3\x14\0\0": b"PK\1\2\x14\3\x14\0\1"}
DAMAGED: dict[str, Callable[[Path], Path]] = {
    "damaged": _half,
    "wants to write": lambda folder: zipped(folder / "out.zip", {"../../x": b""}),
    "there are no files": lambda folder: zipped(folder / "device.zip", {"x": b""}, 0o120777),
    "a password": lambda folder: _changed(zipped(folder / "locked.zip", {"x": b"1"}), _ENCRYPTED),
    "it has more than": lambda folder: zipped(
        folder / "folders.zip", {f"{n}/": b"" for n in range(20 * MOST_FILES + 1)}
    ),
    "write to 'a/a": lambda folder: zipped(folder / "deep.zip", {"a/" * 1500 + "x": b""}),
    "CRC": lambda folder: _changed(zipped(folder / "crc.zip", {"x": b"1"}), {b"\xb7\xef\xdc\x83": b"1234"}),
    "more than": lambda folder: zipped(folder / "many.zip", {str(n): b"" for n in range(MOST_FILES + 2)}),
    "larger than": lambda folder: zipped(folder / "bomb.zip", {str(n): bytes(20 << 20) for n in range(6)}),
}


@pytest.mark.parametrize("reason", DAMAGED)
def test_what_is_no_work_is_refused_whole(tmp_path: Path, reason: str) -> None:
    """Cut off, leading out, nothing but a link, a bomb: there is one error, with a reason."""
    with pytest.raises(DamagedArchive, match=reason):
        contents(DAMAGED[reason](tmp_path))


def test_litter_is_not_even_read(tmp_path: Path) -> None:
    """A damaged file of another program's costs nobody the work."""
    file = zipped(tmp_path / "a.zip", {"service.ipynb": b"{}", "__MACOSX/._x": b"litter"})
    data = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        place = archive.getinfo("__MACOSX/._x").header_offset + 42
    file.write_bytes(data[:place] + b"????" + data[place + 4 :])
    assert contents(file).files == {"service.ipynb": b"{}"}


def test_what_exceeds_the_limits_is_left_out_and_the_notebook_is_not(tmp_path: Path) -> None:
    """Too many files, or one that is too large: those in few folders come first, and the rest is named."""
    many = {f"data/deep/{n}": b"" for n in range(MOST_FILES)} | {"data/first": b"", "service.ipynb": b"{}"}
    files, left_out = contents(zipped(tmp_path / "many.zip", many))
    assert len(files) == MOST_FILES + 1
    assert {"service.ipynb", "data/first"} <= files.keys()
    assert left_out == f"data/deep/{MOST_FILES - 1}"
    large = {"video.bin": bytes(LIMIT), "page.html": b"hi", "service.ipynb": b"{}"}
    files, left_out = contents(zipped(tmp_path / "large.zip", large))
    assert (files, left_out) == ({"service.ipynb": b"{}", "page.html": b"hi"}, "video.bin")


def test_a_long_list_is_cut() -> None:
    """The first names, and how many more there are; a log can have each."""
    assert listed(["a\n", "b"]) == "a\ufffd, b"
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
