"""``drydock submit``: a checked zip of a student's work; tests/autograder/gradebook/test_collect.py collects it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import Any

import pytest

from drydock import cli, submit
from drydock.errors import BadStudentName, InvalidSubmission, NotebookMissing, StudentNameMissing

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
Change = Callable[[dict[str, Any]], object]


def cell(name: str, source: str, *, solution: bool) -> dict[str, Any]:
    """Return a code cell with nbgrader's metadata."""
    metadata = {"nbgrader": {"grade_id": name, "solution": solution}}
    return {
        "cell_type": "code",
        "id": name,
        "source": source,
        "metadata": metadata,
        "execution_count": None,
        "outputs": [],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder: a released notebook with one of two answers written, and files beside it."""
    cells = [cell("ask", "1", solution=False), cell("answer", "?", solution=True), cell("more", "?", solution=True)]
    metadata = {submit.METADATA_KEY: submit.release_metadata(cells, "harbour")}
    cells[1]["source"] = "42"
    write(tmp_path / "harbour.ipynb", {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    (tmp_path / "site" / ".ipynb_checkpoints").mkdir(parents=True)
    for name in (
        "Dockerfile",
        "site/index.html",
        "site/.ipynb_checkpoints/index.html",
        "site/._index.html",
        "harbour_ada_20261124T120000Z.zip",
    ):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("/etc/hostname")
    return tmp_path


def write(file: Path, notebook: Any) -> None:
    """Write a notebook."""
    file.write_text(json.dumps(notebook))


def test_zip_has_the_notebook_and_its_files(folder: Path) -> None:
    """The zip contains the notebook and the files beside it, but no link, no earlier zip and no litter."""
    result = submit.submit("harbour", where=folder, student="ada", now=NOON)
    assert result.file == folder / "harbour_ada_20261125T120000Z.zip"
    with zipfile.ZipFile(result.file) as archive:
        assert archive.namelist() == ["harbour.ipynb", "Dockerfile", "site/index.html"]
        assert archive.read("harbour.ipynb") == (folder / "harbour.ipynb").read_bytes()
    assert result.unchanged == ("more",)


@pytest.mark.parametrize("name", [".git/config", "site/__pycache__/a.pyc", "__MACOSX/x", "._Dockerfile", ".DS_Store"])
def test_litter_is_no_part_of_the_work(name: str) -> None:
    """What other programs write is left out by the same rule when it is packed, collected and graded."""
    assert submit.is_litter(PurePath(name))
    assert not any(map(submit.is_litter, map(PurePath, ["Dockerfile", ".dockerignore", ".gitignore", "a/git/x"])))


def test_command_prints_the_zip(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command finds the notebook in ``work/``, and prints the zip's name and the cells without an answer."""
    work = folder / "work" / "harbour"
    work.mkdir(parents=True)
    (folder / "harbour.ipynb").rename(work / "harbour.ipynb")
    monkeypatch.chdir(folder)
    assert cli.main(["submit", "harbour", "--student", "ada"]) == 0
    [file] = set(folder.glob("*.zip")) - {folder / "harbour_ada_20261124T120000Z.zip"}
    output = capsys.readouterr().out
    assert f"{file.name} contains your work: harbour.ipynb." in output
    assert "the cell more has not changed since the release" in output
    assert "save the notebook, and run this command again" in output


def delete_answer_cell(notebook: dict[str, Any]) -> None:
    """Delete a cell for an answer."""
    del notebook["cells"][1]


def delete_metadata(notebook: dict[str, Any]) -> None:
    """Make it a notebook that was not released."""
    notebook["metadata"] = {}


def enlarge(notebook: dict[str, Any]) -> None:
    """Put more text into a cell than all cells may have."""
    notebook["cells"][0]["source"] = "x" * (submit.NOTEBOOK_LIMIT + 1)


def make_invalid(notebook: dict[str, Any]) -> None:
    """Leave nothing of the notebook but its metadata."""
    del notebook["cells"]


def test_any_encoding_of_an_editor_is_taken(folder: Path) -> None:
    """As grading takes it: a notebook in UTF-16 makes a zip, with the file as it is."""
    notebook = folder / "harbour.ipynb"
    notebook.write_bytes(notebook.read_text().encode("utf-16"))
    result = submit.submit("harbour", where=folder, student="ada", now=NOON)
    with zipfile.ZipFile(result.file) as archive:
        assert archive.read("harbour.ipynb") == notebook.read_bytes()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (delete_answer_cell, "the cell answer is missing"),
        (delete_metadata, "is not the released notebook"),
        (enlarge, "more than 4 MB of text"),
        (make_invalid, "is not a valid notebook"),
    ],
)
def test_invalid_work_is_reported(folder: Path, change: Change, problem: str) -> None:
    """Work that can't be graded makes no zip, and the error names the problem."""
    notebook = json.loads((folder / "harbour.ipynb").read_text())
    change(notebook)
    write(folder / "harbour.ipynb", notebook)
    with pytest.raises(InvalidSubmission, match=problem):
        submit.submit("harbour", where=folder, student="ada", now=NOON)
    assert len(list(folder.glob("*.zip"))) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000], ids=["empty", "cut", "list", "deep"])
def test_file_that_is_no_notebook(folder: Path, text: str) -> None:
    """A file with the notebook's name and other content is reported as an invalid notebook."""
    (folder / "harbour.ipynb").write_text(text)
    with pytest.raises(InvalidSubmission, match="is not a valid notebook"):
        submit.submit("harbour", where=folder, student="ada")


def test_files_over_the_limit(folder: Path) -> None:
    """Too large files are reported with the name of the largest, which is probably there by mistake."""
    with (folder / "disk.img").open("wb") as file:
        file.truncate(submit.FILES_LIMIT + 1)
    with pytest.raises(InvalidSubmission, match=r"the largest is disk\.img"):
        submit.submit("harbour", where=folder, student="ada")


@pytest.mark.parametrize("completed", ["harbour/", "harbour.ipynb", "harbour\\"])
def test_names_that_a_shell_completes(folder: Path, completed: str) -> None:
    """The name of the assignment's folder, or of its notebook, is as good."""
    assert submit.submit(completed, where=folder, student="ada").file.name.startswith("harbour_ada_")


@pytest.mark.parametrize("assignment", ["harbor", "../harbour", "", "/", ".ipynb"])
def test_missing_notebook(folder: Path, assignment: str) -> None:
    """A name without a notebook, or one that is not an assignment's name but leads to a notebook, is an error."""
    with pytest.raises(NotebookMissing):
        submit.submit(assignment, where=folder / "site", student="ada")


def test_student_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is the option or the hub's user, but not Binder's; a missing or invalid name is an error."""
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert submit.student_name(None) == "ada"
    assert submit.student_name("grace") == "grace"
    with pytest.raises(BadStudentName):
        submit.student_name("../ada")
    monkeypatch.setenv("BINDER_SERVICE_HOST", "somewhere")
    with open(os.devnull) as no_terminal:  # noqa: PTH123 (pathlib has no constant for this file)
        monkeypatch.setattr("sys.stdin", no_terminal)
        with pytest.raises(StudentNameMissing):
            submit.student_name(None)


def test_odd_files_are_packed_as_they_are(folder: Path) -> None:
    """An execute bit is kept, a time before 1980 becomes the first one of a zip, and half an emoji is no obstacle."""
    (folder / "entry.sh").write_text("#!/bin/sh")
    (folder / "entry.sh").chmod(0o755)
    os.utime(folder / "Dockerfile", (0, 0))
    notebook = json.loads((folder / "harbour.ipynb").read_text())
    notebook["cells"][1]["source"] = "42 \ud83d"
    write(folder / "harbour.ipynb", notebook)
    result = submit.submit("harbour", where=folder, student="ada", now=NOON)
    with zipfile.ZipFile(result.file) as archive:
        assert archive.getinfo("entry.sh").external_attr >> 16 & 0o777 == 0o755
        assert archive.getinfo("Dockerfile").date_time[0] == 1980
        assert archive.read("harbour.ipynb") == (folder / "harbour.ipynb").read_bytes()


def name_without_text(folder: Path) -> None:
    """Make a file whose name is not UTF-8."""
    (folder / os.fsdecode(b"bad\xff.txt")).write_text("")


def many_files(folder: Path) -> None:
    """Make more files than collecting takes, as a package manager does."""
    modules = folder / "node_modules"
    modules.mkdir()
    for number in range(submit.MOST_FILES + 1):
        (modules / f"{number}.js").write_text("")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (name_without_text, r"the name bad\\udcff\.txt is not UTF-8: rename the file"),
        (many_files, "there are 1003 files beside it, and at most 1000 are collected"),
    ],
)
def test_files_that_cannot_be_collected(folder: Path, make: Callable[[Path], None], problem: str) -> None:
    """The line names the file or the number, and no zip is left that looks ready to be submitted."""
    make(folder)
    with pytest.raises(InvalidSubmission, match=problem):
        submit.submit("harbour", where=folder, student="ada", now=NOON)
    assert [path.name for path in folder.glob("*.zip*")] == ["harbour_ada_20261124T120000Z.zip"]


@pytest.mark.isolation("bubblewrap")
def test_files_that_cannot_be_read(folder: Path) -> None:
    """A container's file in a bind mount, and a folder that can't be entered: lines with names, and no zip."""
    (folder / "pgdata").write_text("")
    (folder / "pgdata").chmod(0)
    (folder / "sealed").mkdir(mode=0)
    # In a user namespace without capabilities: root could read these files.
    command = ["bwrap", "--dev-bind", "/", "/", "--unshare-user", "--uid", "1000", "--cap-drop", "ALL", "--"]
    command += [sys.executable, "-m", "drydock.cli", "submit", "harbour", "--student", "ada"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    (folder / "sealed").chmod(0o755)
    assert done.returncode == 1
    for name in ("pgdata", "sealed"):
        assert f"{name} can't be read: a container may own it; remove it, or make it readable" in done.stderr
    assert len(list(folder.glob("*.zip*"))) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": {"nbgrader": None}},
        {"metadata": {"nbgrader": [1]}},
        {"metadata": [1]},
        {"metadata": {"nbgrader": {"solution": True}}},
        {"metadata": {"nbgrader": {"solution": True, "grade_id": [1]}}},
    ],
)
def test_cells_with_odd_metadata_are_ignored(folder: Path, odd: dict[str, Any]) -> None:
    """A cell of a student's own may have any metadata; the answers are found all the same."""
    notebook = json.loads((folder / "harbour.ipynb").read_text())
    notebook["cells"].append({"cell_type": "code", "source": "mine", **odd})
    write(folder / "harbour.ipynb", notebook)
    assert submit.submit("harbour", where=folder, student="ada", now=NOON).unchanged == ("more",)


def test_no_answer_to_the_question_for_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D is no traceback; the message promises no name that is kept somewhere."""

    def end_of_input(question: str) -> str:
        raise EOFError

    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", end_of_input)
    with pytest.raises(StudentNameMissing, match="--student NAME") as caught:
        submit.student_name(None)
    assert "saved" not in str(caught.value)


@pytest.mark.parametrize("character", list('\\/:*?"<>|'))
def test_the_rule_for_names_is_the_one_in_the_message(character: str) -> None:
    """A name may have accents and spaces; each character that it may not have is in the message."""
    assert submit.student_name("José García") == "José García"
    with pytest.raises(BadStudentName) as caught:
        submit.student_name(f"a{character}")
    assert character in caught.value.why


def test_no_input_for_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """A standard input that was closed before Python started can't be asked for the name."""
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(StudentNameMissing):
        submit.student_name(None)
