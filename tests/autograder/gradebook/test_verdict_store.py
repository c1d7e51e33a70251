"""Verdicts that are known."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.errors import CannotWrite
from autograder.execution.kernel_container import Limits
from autograder.gradebook.verdict_store import VerdictStore, write
from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import Submission
from autograder.verdict import Result, State, Verdict
from tests.autograder.conftest import load_assignment

WORK = Submission("ada", "service", b"{}", {"page.html": b"hi"})


def verdict(state: State = "graded", student: str = "ada") -> Verdict:
    """A verdict with one point of one."""
    result = Result("service.running", "It runs.", 1, "passed")
    return Verdict(student, "service", state, (result,), 3, '{"cells": []}', "a note", "a trace")


@pytest.fixture
def verdicts(tmp_path: Path) -> VerdictStore:
    """A course's verdicts on one assignment; there are none yet."""
    return VerdictStore(tmp_path, load_assignment(), GradingConfig())


def files(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_kept_is_known(verdicts: VerdictStore, tmp_path: Path) -> None:
    """Also to the next process, whole: with the notebook and what only the grader reads."""
    assert verdicts.known(WORK) is None
    verdicts.keep(WORK, verdict())
    assert VerdictStore(tmp_path, load_assignment(), GradingConfig()).known(WORK) == verdict()


@pytest.mark.parametrize("change", [{"notebook": b"[]"}, {"files": {"page.html": b"ho"}}])
def test_other_work_is_not_known(verdicts: VerdictStore, change: dict[str, object]) -> None:
    """One byte is enough, in the notebook or beside it."""
    verdicts.keep(WORK, verdict())
    changed = replace(WORK, **change)  # type: ignore[arg-type]
    assert verdicts.known(changed) is None
    assert verdicts.is_of_other_work(changed)


def test_another_grader_has_to_look_again(verdicts: VerdictStore, tmp_path: Path) -> None:
    """The same work with other limits is not known; but the score it has is its own."""
    verdicts.keep(WORK, verdict())
    stricter = VerdictStore(tmp_path, load_assignment(), GradingConfig(limits=Limits(total_seconds=1)))
    assert stricter.known(WORK) is None
    assert not stricter.is_of_other_work(WORK)


def test_the_graders_own_trouble_is_no_answer(verdicts: VerdictStore) -> None:
    """It is the last that is known of a student, until there is an answer; what was known before stays known."""
    verdicts.keep(WORK, verdict())
    verdicts.keep(WORK, verdict("infra-error"))
    assert verdicts.known(WORK) == verdict()
    assert [last.state for last in verdicts.all()] == ["infra-error"]
    verdicts.keep(WORK, verdict())
    assert [last.state for last in verdicts.all()] == ["graded"]


def test_the_verdict_that_is_kept_is_the_last_again(verdicts: VerdictStore) -> None:
    """Trouble of another try is over when the run after it takes the known verdict; to settle nothing is no error."""
    verdicts.keep(WORK, verdict())
    verdicts.keep(WORK, verdict("infra-error"))
    verdicts.settle("ada")
    verdicts.settle("ada")
    assert [last.state for last in verdicts.all()] == ["graded"]


def test_without_a_verdict_no_work_was_replaced(verdicts: VerdictStore) -> None:
    """Nobody knows what a score is for that another program gave, or whose verdict was lost."""
    assert not verdicts.is_of_other_work(WORK)
    verdicts.keep(WORK, verdict("infra-error"))
    assert not verdicts.is_of_other_work(replace(WORK, notebook=b"[]"))


@pytest.mark.parametrize("damage", ["cut", "empty", "other points", "a list", "no text"])
def test_a_damaged_verdict_is_as_good_as_none(verdicts: VerdictStore, tmp_path: Path, damage: str) -> None:
    """However it was damaged; and it is replaced by the next."""
    verdicts.keep(WORK, verdict())
    [file] = files(tmp_path)
    text = file.read_text()
    changed = {
        "cut": text[: len(text) // 2],
        "empty": "",
        "other points": text.replace('"max": 1', '"max": 9'),
        "a list": "[]",
        "no text": "\udcff",
    }[damage]
    file.write_bytes(changed.encode(errors="surrogateescape"))
    assert verdicts.known(WORK) is None
    assert verdicts.all() == []
    verdicts.keep(WORK, verdict())
    assert verdicts.known(WORK) == verdict()


def test_a_write_that_was_cut_off_changes_nothing(verdicts: VerdictStore, tmp_path: Path) -> None:
    """What was being written lies beside it, and is not read."""
    verdicts.keep(WORK, verdict())
    [file] = files(tmp_path)
    file.with_name(".verdict.json.new").write_text("{")
    assert verdicts.known(WORK) == verdict()
    verdicts.keep(WORK, verdict())
    assert verdicts.all() == [verdicts.known(WORK)]


def test_what_is_forgotten_is_gone(verdicts: VerdictStore, tmp_path: Path) -> None:
    """With its trouble; to forget what isn't there is no error."""
    verdicts.keep(WORK, verdict())
    verdicts.keep(WORK, verdict("infra-error"))
    verdicts.forget("ada")
    verdicts.forget("ada")
    assert files(tmp_path) == []


@pytest.mark.parametrize("name", ["../../eve", "a/b", "ä" * 120, "-", "a%2Fb", ".", "Ada Lovelace"])
def test_any_name_of_a_student_is_a_place_of_its_own(verdicts: VerdictStore, tmp_path: Path, name: str) -> None:
    """Below the folder, and nobody else's."""
    for student in (name, "ada", "a_b"):
        verdicts.keep(replace(WORK, student=student), verdict(student=student))
    assert {last.student for last in verdicts.all()} == {name, "ada", "a_b"}
    assert len(files(tmp_path / "service")) == len(files(tmp_path)) == 3


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A full disk, here: the system's own device for that."""
    (tmp_path / f".full.json.{os.getpid()}-{threading.get_ident():x}.new").symlink_to("/dev/full")
    with pytest.raises(CannotWrite, match="No space left on device"):
        write(tmp_path / "full.json", json.dumps("x" * 10000))
    assert files(tmp_path) == []


def test_a_text_that_utf_8_can_not_have_is_written_all_the_same(tmp_path: Path) -> None:
    """One character of one student costs nobody the file."""
    write(tmp_path / "grades.csv", "ada,\ud83d\nbob,\u00e4\n")
    assert (tmp_path / "grades.csv").read_text(encoding="utf-8") == "ada,?\nbob,\u00e4\n"
