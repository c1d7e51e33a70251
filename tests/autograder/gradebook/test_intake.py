"""What is taken from a student's folder, and why nothing is."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path, PurePath

import pytest

from autograder.gradebook.intake import remove_outer_folder, renamed_notebook, submission_in
from autograder.gradebook.upload_files import Candidate
from autograder.gradebook.uploads import read_name
from autograder.submission import Executable, Submission
from drydock.submit import MOST_FILES


@pytest.mark.parametrize(
    "name",
    [
        "service.ipynb",
        "service-Copy1.ipynb",
        "service (1).ipynb",
        "Service.ipynb",
        "service.IPYNB",
        "my work.ipynb",
        "service.ipynb.txt",
        "service (1).ipynb.json",
        "service.ipynb. ",
    ],
)
def test_a_renamed_notebook_is_taken(tmp_path: Path, name: str) -> None:
    """A copy's name, another case, or the only notebook there is; and the new name is known."""
    (tmp_path / name).write_bytes(b"{}")
    submission = submission_in(tmp_path, "ada", "service")
    assert (submission.notebook, submission.problem) == (b"{}", "")
    assert renamed_notebook(tmp_path, "service") == ("" if name == "service.ipynb" else name)


@pytest.mark.parametrize("around", ["service", "home/ada/my course", "a/b/c/d/e/f/g/h"])
def test_folders_are_looked_through(tmp_path: Path, around: str) -> None:
    """An archive program put folders around the work, and one of its own beside them."""
    (tmp_path / around).mkdir(parents=True)
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / around / "service.ipynb").write_bytes(b"{}")
    (tmp_path / around / "page.html").write_bytes(b"hi")
    submission = submission_in(tmp_path, "ada", "service")
    assert submission.notebook == b"{}"
    assert submission.files == {"page.html": b"hi"}


@pytest.mark.parametrize("name", ["service_ada.ipynb", "Ada - Service.ipynb", "service (1).ipynb"])
def test_the_name_that_has_the_assignments_in_it_is_taken(tmp_path: Path, name: str) -> None:
    """Other notebooks lie beside it, also an empty one of the exact name, as a full disk leaves it."""
    (tmp_path / name).write_bytes(b"right")
    (tmp_path / "services.ipynb").write_bytes(b"other")
    (tmp_path / "service.ipynb").write_bytes(b"")
    assert submission_in(tmp_path, "ada", "service").notebook == b"right"


@pytest.mark.parametrize("name", [b"bad\xff", b"\x1b[31mred", b"two\nlines", "\u202eright to left".encode()])
def test_a_name_that_can_not_be_shown_is_replaced(tmp_path: Path, name: bytes) -> None:
    """In the reason and in the list of renamed notebooks; no terminal acts on it, and each can be written as UTF-8."""
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name + b".ipynb"))
    file.write_bytes(b"{}")
    assert submission_in(tmp_path, "ada", "service").notebook == b"{}"
    assert "\ufffd" in renamed_notebook(tmp_path, "service")
    (tmp_path / "b.ipynb").write_bytes(b"{}")
    submission = submission_in(tmp_path, "ada", "service")
    assert "\ufffd" in submission.problem
    assert submission.problem.isprintable()
    assert submission.digest()


def test_folders_too_deep_and_loops_are_left_out(tmp_path: Path) -> None:
    """A thousand folders in each other, and links that lead back: the work is taken without them."""
    (tmp_path / "service.ipynb").write_bytes(b"{}")
    (tmp_path / "loop").symlink_to(tmp_path)
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deep", dir_fd=folder)
        deeper = os.open("deep", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    try:
        assert submission_in(tmp_path, "ada", "service") == Submission("ada", "service", b"{}")
    finally:
        subprocess.run(["rm", "-r", tmp_path / "deep"], check=True)  # Python's own way needs a stack as deep


def test_the_only_folder_with_a_notebook_is_the_work(tmp_path: Path) -> None:
    """Other folders beside it are no question; two with a notebook are one, unless one has the assignment's name."""
    for name in ("Ada's work", "pictures"):
        (tmp_path / name).mkdir()
    (tmp_path / "Ada's work" / "service.ipynb").write_bytes(b"{}")
    assert submission_in(tmp_path, "ada", "service").notebook == b"{}"
    (tmp_path / "pictures" / "service.ipynb").write_bytes(b"{}")
    assert submission_in(tmp_path, "ada", "service").problem


def test_litter_beside_an_archive_is_no_second_one(tmp_path: Path) -> None:
    """Finder's ``._`` file has the archive's ending and none of its content."""
    with zipfile.ZipFile(tmp_path / "service.zip", "w") as archive:
        archive.writestr("service.ipynb", b"{}")
    (tmp_path / "._service.zip").write_bytes(b"x")
    assert submission_in(tmp_path, "ada", "service").notebook == b"{}"


@pytest.mark.parametrize("inner", ["service", "old", "deep/work"])
def test_the_work_moves_out_of_its_folder_as_a_whole(tmp_path: Path, inner: str) -> None:
    """With a folder that has the name of the one around it, or beside scratch work at the top."""
    root = tmp_path / inner
    (root / "service").mkdir(parents=True)
    (root / "service" / "app.py").write_bytes(b"1")
    (root / "service.ipynb").write_bytes(b"{}")
    (tmp_path / "Untitled.ipynb").write_bytes(b"[]")
    remove_outer_folder(tmp_path, "service")
    remove_outer_folder(tmp_path, "service")
    assert (tmp_path / "service.ipynb").read_bytes() == b"{}"
    assert submission_in(tmp_path, "ada", "service").files == {"service/app.py": b"1"}


def test_work_that_would_replace_something_stays_in_its_folder(tmp_path: Path) -> None:
    """Nothing of it is moved, so nothing is torn apart, and it is graded there."""
    (tmp_path / "service").mkdir()
    for name in ("service/service.ipynb", "service/page.html", "page.html"):
        (tmp_path / name).write_text(name)
    remove_outer_folder(tmp_path, "service")
    submission = submission_in(tmp_path, "ada", "service")
    assert submission.notebook == b"service/service.ipynb"
    assert submission.files == {"page.html": b"service/page.html"}


def test_an_archive_in_the_folder_is_read(tmp_path: Path) -> None:
    """A zip that was copied there by hand, where there is no notebook; a damaged one is a reason."""
    with zipfile.ZipFile(tmp_path / "work.zip", "w") as archive:
        archive.writestr("service/Service (1).ipynb", b"{}")
        archive.writestr("service/page.html", b"hi")
    assert submission_in(tmp_path, "ada", "service") == Submission("ada", "service", b"{}", {"page.html": b"hi"})
    assert renamed_notebook(tmp_path, "service") == "work.zip"
    (tmp_path / "work.zip").write_bytes(b"PK")
    assert submission_in(tmp_path, "ada", "service").problem.startswith("work.zip: it is damaged")


TREES = [
    {"README.md": b"1", "service/service.ipynb": b"{}", "service/app/page.html": b"2", "pictures/a.png": b"3"},
    {"README.md": b"1", "service/service.ipynb": b"{}", "old/service.ipynb": b"[]"},
    {"README.md": b"1", "a/service.ipynb": b"{}", "b/service.ipynb": b"[]"},
    {"service.ipynb": b"{}", ".hidden.ipynb": b"[]", "app/other.ipynb": b"[]", "app/page.html": b"2"},
    {"Service (1).ipynb": b"{}", "service.ipynb.d/x": b"1", "__MACOSX/service.ipynb": b"[]"},
    {"x/README.md": b"1", "x/course/first.ipynb": b"[]", "x/work/service/service.ipynb": b"{}", "y/z.png": b"1"},
    {"README.md": b"1", "a/Service (1).ipynb": b"{}", "a/old/service/service.ipynb": b"[]", "a/page.html": b"2"},
    {"Untitled.ipynb": b"[]", "service/service.ipynb": b"{}", "service/entry.sh": b"1"},
    {"Untitled.ipynb": b"[]", "second.ipynb": b"[]", "my work/service (1).ipynb": b"{}", "my work/page.html": b"2"},
    {"service_notes.ipynb": b"[]", "service/service.ipynb": b"{}", "service/page.html": b"2"},
    {"service.ipynb": b"", "service/service.ipynb": b"{}", "service/page.html": b"2"},
    {"Untitled.ipynb": b"[]", "a/service.ipynb": b"{}", "b/service.ipynb": b"[]"},
    {"service.ipynb/service.ipynb": b"{}", "service.ipynb/page.html": b"2"},
]
#: The trees in which it isn't clear which notebook is the work.
UNCLEAR = [tree for tree in TREES if {"a/service.ipynb", "b/service.ipynb"} <= set(tree)]


def test_the_whole_course_is_searched_for_the_work(tmp_path: Path) -> None:
    """The notebook that is called like the assignment counts, not the lessons, which lie nearer to the top."""
    for name in ("course/00_first_run.ipynb", "assignments/service/service.ipynb", "assignments/other/other.ipynb"):
        (tmp_path / "drydock-course" / name).parent.mkdir(parents=True)
        (tmp_path / "drydock-course" / name).write_text(name)
    (tmp_path / "drydock-course" / "assignments" / "service" / "page.html").write_bytes(b"hi")
    submission = submission_in(tmp_path, "ada", "service")
    assert submission.notebook == b"assignments/service/service.ipynb"
    assert submission.files == {"page.html": b"hi"}


@pytest.mark.parametrize("tree", TREES)
def test_an_archive_is_taken_like_the_same_files_unpacked(tmp_path: Path, tree: dict[str, bytes]) -> None:
    """The same notebook and files, or the same problem, also by zip_collect: one set of rules finds the work."""
    unpacked, packed, collected = (tmp_path / name for name in ("unpacked", "packed", "collected"))
    packed.mkdir()
    with zipfile.ZipFile(packed / "work.zip", "w") as archive:
        for name, data in tree.items():
            archive.writestr(name, data)
            (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
            (unpacked / name).write_bytes(data)
    submission = submission_in(unpacked, "ada", "service")
    assert submission.notebook == (b"" if tree in UNCLEAR else b"{}")
    assert submission_in(packed, "ada", "service") == submission
    candidate = Candidate("ada", {packed / "work.zip": read_name(PurePath("work.zip"), "service")})
    candidate.write(candidate.contents("service").files, collected)
    assert submission_in(collected, "ada", "service") == submission


def test_a_name_in_an_archive_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    """As it is of a folder: the work can be compared with what is known, and the class goes on."""
    with tarfile.open(tmp_path / "work.tar.gz", "w:gz", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        for name in ("service.ipynb", "m\xfcll.txt", "page.html"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    submission = submission_in(tmp_path, "ada", "service")
    assert submission.files == {"page.html": b""}
    assert submission.digest()


def test_more_files_than_collecting_takes_are_left_out(tmp_path: Path) -> None:
    """A folder has as few as an archive; the ones in few folders come first."""
    (tmp_path / "service.ipynb").write_bytes(b"{}")
    (tmp_path / "a").mkdir()
    for number in range(MOST_FILES):
        (tmp_path / "a" / str(number)).touch()
    (tmp_path / "page.html").touch()
    files = submission_in(tmp_path, "ada", "service").files
    assert len(files) == MOST_FILES
    assert "page.html" in files


def test_a_folder_of_what_collecting_writes_is_no_work(tmp_path: Path) -> None:
    """It would lie where the time and the secret go, beside the executed notebook."""
    (tmp_path / "service.ipynb").write_bytes(b"{}")
    for name in ("timestamp.txt", "submission_secret.txt"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    assert submission_in(tmp_path, "ada", "service").files == {}


def test_the_exact_name_comes_first(tmp_path: Path) -> None:
    """Copies beside it are no question."""
    (tmp_path / "service.ipynb").write_bytes(b"right")
    (tmp_path / "service-Copy1.ipynb").write_bytes(b"old")
    assert submission_in(tmp_path, "ada", "service").notebook == b"right"


def test_several_notebooks_are_a_question(tmp_path: Path) -> None:
    """Nobody guesses: the reason names them."""
    for name in ("a.ipynb", "b.ipynb"):
        (tmp_path / name).write_bytes(b"{}")
    assert "a.ipynb, b.ipynb" in submission_in(tmp_path, "ada", "service").problem


def test_no_notebook_is_a_problem(tmp_path: Path) -> None:
    """The reason says what it should be called."""
    assert "service.ipynb" in submission_in(tmp_path, "ada", "service").problem


@pytest.mark.parametrize("kind", ["folder", "link", "pipe", "dangling link"])
def test_what_is_no_file_is_a_problem(tmp_path: Path, kind: str) -> None:
    """A folder, a link to somebody else's work, a pipe: nothing is followed, nothing is waited for."""
    place, neighbour = tmp_path / "service.ipynb", tmp_path.parent / "neighbour.ipynb"
    neighbour.write_bytes(b"the neighbour's")
    match kind:
        case "folder":
            place.mkdir()
        case "link":
            place.symlink_to(neighbour)
        case "pipe":
            os.mkfifo(place)
        case _:
            place.symlink_to("nowhere")
    submission = submission_in(tmp_path, "ada", "service")
    assert submission.notebook == b""
    assert submission.problem.startswith("service.ipynb is ")


def test_files_keep_their_execute_bit_and_odd_ones_are_left_out(tmp_path: Path) -> None:
    """A script stays executable; a link, a pipe and a name that is no text are left out, also of the digest."""
    (tmp_path / "service.ipynb").write_bytes(b"{}")
    (tmp_path / "entry.sh").write_bytes(b"#!/bin/sh")
    (tmp_path / "entry.sh").chmod(0o755)
    (tmp_path / "plain.txt").write_bytes(b"text")
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_bytes(b"odd")
    submission = submission_in(tmp_path, "ada", "service")
    assert submission.files == {"entry.sh": b"#!/bin/sh", "plain.txt": b"text"}
    assert isinstance(submission.files["entry.sh"], Executable)
    assert not isinstance(submission.files["plain.txt"], Executable)
    again = Submission.from_json(submission.to_json())
    assert again == submission
    assert isinstance(again.files["entry.sh"], Executable)
    plain = Submission("ada", "service", b"{}", {path: bytes(data) for path, data in submission.files.items()})
    assert submission.digest() == again.digest() != plain.digest()


def test_a_folder_that_is_a_link_is_no_work(tmp_path: Path) -> None:
    """It leads to another student's folder, whose work is not graded twice."""
    neighbour = tmp_path / "ada"
    neighbour.mkdir()
    (neighbour / "service.ipynb").write_bytes(b"{}")
    (tmp_path / "mallory").symlink_to(neighbour)
    submission = submission_in(tmp_path / "mallory", "mallory", "service")
    assert (submission.notebook, submission.problem) == (b"", "the folder is a link")
