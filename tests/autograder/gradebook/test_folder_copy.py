"""Copying a folder whose owner exchanges what is in it, at the moments that matter."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.gradebook import folder_copy
from autograder.gradebook.folder_copy import FolderCopy

SECRET = "of the instructor"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A student's folder with a file, and a folder with one."""
    folder = tmp_path / "source"
    (folder / "app").mkdir(parents=True)
    (folder / "work.txt").write_text("work")
    (folder / "app" / "inner.txt").write_text("inner")
    return folder


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder that the student can't read, with files of the same names."""
    folder = tmp_path / "secret"
    folder.mkdir()
    for name in ("work.txt", "inner.txt"):
        (folder / name).write_text(SECRET)
    return folder


def contents(folder: Path) -> dict[str, str]:
    """The text of each file below a folder; of a link, where it leads."""
    files = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return {
        str(file.relative_to(folder)): f"-> {file.readlink()}" if file.is_symlink() else file.read_text()
        for file in files
    }


def copied(source: Path, left_out: Callable[[str, list[str]], set[str]] = lambda *_: set()) -> FolderCopy:
    """Copy the folder to ``target`` beside it."""
    copy = FolderCopy(left_out, 1000, 2000)
    copy.make(source, source.parent / "target")
    return copy


def test_files_come_with_their_modes_and_times(source: Path) -> None:
    """As they were, without what is left out, and without the bit by which a program gets its owner's rights."""
    (source / "work.txt").chmod(0o4755)
    os.utime(source / "work.txt", (1, 1_700_000_000))
    os.utime(source / "app", (1, 1_600_000_000))
    (source / "litter").write_text("")
    copy = copied(source, lambda _, names: {"litter"} & set(names))
    target = source.parent / "target"
    assert contents(target) == {"work.txt": "work", "app/inner.txt": "inner"}
    assert (target / "work.txt").stat().st_mode & 0o7777 == 0o755
    times = [(target / name).stat().st_mtime for name in ("work.txt", "app")]
    assert (times, copy.problems) == ([1_700_000_000, 1_600_000_000], [])


def test_only_a_notebook_that_is_a_link_is_copied_as_one(source: Path, secret: Path) -> None:
    """It can be reported then; other links would be in the way of files."""
    (source / "work.ipynb").symlink_to(secret / "work.txt")
    (source / "data").symlink_to(secret)
    assert copied(source).problems == []
    links = {name: text for name, text in contents(source.parent / "target").items() if text.startswith("->")}
    assert links == {"work.ipynb": f"-> {secret / 'work.txt'}"}


def exchange(path: Path, kind: str, secret: Path) -> None:
    """Put something else in the place of a file or a folder."""
    path.rename(path.with_name(f"{path.name}.old"))
    match kind:
        case "link":
            path.symlink_to(secret / path.name if path.suffix else secret)
        case "pipe":
            os.mkfifo(path)
        case "large":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case "folder":
            path.mkdir()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["link", "pipe", "large", "folder"])
@pytest.mark.parametrize("name", ["work.txt", "app"])
def test_what_was_exchanged_after_the_listing_is_not_read(kind: str, name: str, source: Path, secret: Path) -> None:
    """What a path leads to is never taken for what was listed, however large it is, and a pipe is not waited for."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        if folder == str(source):
            exchange(source / name, kind, secret)
        return set()

    copied(source, left_out)
    assert SECRET not in contents(source.parent / "target").values()
    sizes = [file.stat().st_size for file in (source.parent / "target").rglob("*.txt") if file.is_file()]
    assert sum(sizes) < 100


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["link", "pipe", "large", "folder"])
@pytest.mark.parametrize("name", ["work.txt", "app"])
def test_what_was_exchanged_after_a_look_is_a_problem(
    kind: str, name: str, source: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the last moment before it is opened; everything else is copied."""
    opened = folder_copy._opened

    @contextmanager
    def late(path: Path | str, *rest: int) -> Iterator[int]:
        if path == name:
            exchange(source / name, kind, secret)
        with opened(path, *rest) as descriptor:
            yield descriptor

    monkeypatch.setattr(folder_copy, "_opened", late)
    copy = copied(source)
    assert SECRET not in contents(source.parent / "target").values()
    if (name, kind) != ("app", "folder"):
        assert [problem for problem in copy.problems if name in problem] == copy.problems != []


def test_a_file_that_grows_is_copied_as_far_as_it_was(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student who writes into a file without end fills no disk of ours."""
    read = os.read

    def growing(file: int, size: int) -> bytes:
        with (source / "work.txt").open("a") as more:
            more.write("more" * 100)
        return read(file, size)

    monkeypatch.setattr(os, "read", growing)
    copied(source, lambda *_: {"app"})
    assert contents(source.parent / "target")["work.txt"] == "work"


def test_a_large_file_and_what_exceeds_the_sum_are_problems(source: Path) -> None:
    """The limits hold for what is read, and the rest is copied."""
    (source / "large.txt").write_bytes(bytes(1001))
    for number in range(3):
        (source / f"part{number}.txt").write_bytes(bytes(999))
    copy = copied(source)
    assert [problem.rpartition("/")[2] for problem in copy.problems] == [
        "large.txt': it is too large",
        "part1.txt': it is too large",
        "part2.txt': it is too large",
    ]
    assert contents(source.parent / "target")["work.txt"] == "work"


def test_a_link_for_the_whole_folder_is_refused(source: Path) -> None:
    """The student may exchange the folder itself."""
    link = source.parent / "link"
    link.symlink_to(source)
    with pytest.raises(OSError, match="link"):
        FolderCopy(lambda *_: set(), 1000, 2000).make(link, source.parent / "target")
