"""``drydock submit``: one zip, looked over before it leaves. How it arrives is in tests/autograder/test_collect.py."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drydock import cli, submit
from drydock.errors import BadStudentName, InvalidSubmission, NotebookMissing, StudentNameMissing

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
Change = Callable[[dict[str, Any]], object]


def cell(name: str, source: str, *, solution: bool) -> dict[str, Any]:
    """A code cell with nbgrader's marks."""
    marks = {"nbgrader": {"grade_id": name, "solution": solution}}
    return {
        "cell_type": "code",
        "id": name,
        "source": source,
        "metadata": marks,
        "execution_count": None,
        "outputs": [],
    }


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A student's folder: a notebook as it was given out, with one of two answers written, and files beside it."""
    cells = [cell("ask", "1", solution=False), cell("answer", "?", solution=True), cell("more", "?", solution=True)]
    metadata = {submit.RELEASED: submit.told(cells, "harbour")}
    cells[1]["source"] = "42"
    write(tmp_path / "harbour.ipynb", {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    (tmp_path / "site" / ".ipynb_checkpoints").mkdir(parents=True)
    for name in (
        "Dockerfile",
        "site/index.html",
        "site/.ipynb_checkpoints/index.html",
        "harbour_ada_20261124T120000Z.zip",
    ):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("/etc/hostname")
    return tmp_path


def write(file: Path, notebook: Any) -> None:
    """Write a notebook."""
    file.write_text(json.dumps(notebook))


def test_one_zip_of_the_work(work: Path) -> None:
    """It holds the notebook and the files beside it; no link, no earlier zip, nothing that a program left."""
    made = submit.submit("harbour", where=work, student="ada", now=NOON)
    assert made.file == work / "harbour_ada_20261125T120000Z.zip"
    with zipfile.ZipFile(made.file) as archive:
        assert archive.namelist() == ["harbour.ipynb", "Dockerfile", "site/index.html"]
        assert archive.read("harbour.ipynb") == (work / "harbour.ipynb").read_bytes()
    assert made.untouched == ("more",)


def test_the_command_tells_the_file(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the folder above it too, with the file's name and what was left unanswered."""
    home = work / "work" / "harbour"
    home.mkdir(parents=True)
    (work / "harbour.ipynb").rename(home / "harbour.ipynb")
    monkeypatch.chdir(work)
    assert cli.main(["submit", "harbour", "--student", "ada"]) == 0
    [made] = set(work.glob("*.zip")) - {work / "harbour_ada_20261124T120000Z.zip"}
    said = capsys.readouterr().out
    assert f"{made.name} holds your work: harbour.ipynb." in said
    assert "the cell more is as it was given" in said


def loses_an_answer(notebook: dict[str, Any]) -> None:
    """A student deleted a cell."""
    del notebook["cells"][1]


def is_anothers(notebook: dict[str, Any]) -> None:
    """A notebook that was begun anew."""
    notebook["metadata"] = {}


def is_huge(notebook: dict[str, Any]) -> None:
    """A cell that printed all day."""
    notebook["cells"][0]["source"] = "x" * submit.NOTEBOOK_LIMIT


def is_broken(notebook: dict[str, Any]) -> None:
    """A file that another program wrote."""
    del notebook["cells"][0]["source"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (loses_an_answer, "the cell answer is gone"),
        (is_anothers, "not the notebook that was given out"),
        (is_huge, "4 MB of at most 4"),
        (is_broken, "no notebook that can be read"),
    ],
)
def test_what_cant_be_graded_is_told(work: Path, change: Change, said: str) -> None:
    """No zip is made, and the message says which part it is."""
    notebook = json.loads((work / "harbour.ipynb").read_text())
    change(notebook)
    write(work / "harbour.ipynb", notebook)
    with pytest.raises(InvalidSubmission, match=said):
        submit.submit("harbour", where=work, student="ada", now=NOON)
    assert len(list(work.glob("*.zip"))) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000], ids=["empty", "cut", "list", "deep"])
def test_no_notebook_at_all(work: Path, text: str) -> None:
    """Bytes that are nothing are told as that."""
    (work / "harbour.ipynb").write_text(text)
    with pytest.raises(InvalidSubmission, match="no notebook that can be read"):
        submit.submit("harbour", where=work, student="ada")


def test_files_that_are_too_much(work: Path) -> None:
    """The largest is named: it is the one that nobody meant to hand in."""
    with (work / "disk.img").open("wb") as file:
        file.truncate(submit.FILES_LIMIT + 1)
    with pytest.raises(InvalidSubmission, match=r"the largest is disk\.img"):
        submit.submit("harbour", where=work, student="ada")


@pytest.mark.parametrize("assignment", ["harbor", "../harbour", ""])
def test_no_work_here(work: Path, assignment: str) -> None:
    """The message names the folders that were looked into."""
    with pytest.raises(NotebookMissing):
        submit.submit(assignment, where=work, student="ada")


def test_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub knows its users, Binder makes names up, and a name becomes part of a file's name."""
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert submit.student_named(None) == "ada"
    assert submit.student_named("grace") == "grace"
    with pytest.raises(BadStudentName):
        submit.student_named("../ada")
    monkeypatch.setenv("BINDER_SERVICE_HOST", "somewhere")
    with open(os.devnull) as nobody:  # noqa: PTH123 (a file that is no terminal)
        monkeypatch.setattr("sys.stdin", nobody)
        with pytest.raises(StudentNameMissing):
            submit.student_named(None)
