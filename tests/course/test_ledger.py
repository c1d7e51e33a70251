"""Each line of the notes was put to a real daemon: none is left out, and a cell proves what is said of it."""

from __future__ import annotations

import re

import pytest

from scripts import notes_ledger as ledger
from scripts.lesson_reader import LESSONS
from scripts.notes_ledger import BESIDE, VERDICTS, Entry, fingerprints, whole

LEDGER = ledger.read()
WORDS = re.compile(r"[a-z]+(-([a-z]+|[0-9]+))*")

each_entry = pytest.mark.parametrize("entry", LEDGER.entries, ids=str)


def test_no_line_of_the_notes_is_left_out() -> None:
    """The entries together stand for all that the notes say, and where the notes are at hand, for just these lines."""
    assert len(LEDGER.marks) == LEDGER.lines
    assert whole(LEDGER.marks) == LEDGER.mark
    if BESIDE.exists():
        assert LEDGER.marks == fingerprints(BESIDE.read_text())


def test_a_line_more_or_less_or_another_is_noticed() -> None:
    """The fingerprint of the notes depends on each line of them, and not on empty ones or on the space around."""
    marks = fingerprints("one\n\n  two \n")
    assert marks == fingerprints("  one\n\ntwo")
    assert len({whole(fingerprints(text)) for text in ("one\n\ntwo", "one", "one\n\ntoo", "one\ntwo")}) == 4


def test_an_entry_has_a_name_of_its_own() -> None:
    """No two entries have the same id, and each is words, like the ids of cells."""
    names = [entry.id for entry in LEDGER.entries]
    assert len(set(names)) == len(names)
    assert [name for name in names if not WORDS.fullmatch(name)] == []


@each_entry
def test_an_entry_is_complete(entry: Entry) -> None:
    """It says what the notes say, whether that is so, what is true today, and where that was read."""
    assert entry.verdict in VERDICTS
    assert entry.lines == sorted(set(entry.lines))
    assert all((entry.lines, entry.section, entry.says, entry.today, entry.source))


@each_entry
def test_an_entry_is_proven(entry: Entry) -> None:
    """Its lecture has the cell it names, and that cell asserts something or fails on purpose."""
    lectures = {str(lesson): lesson.path for lesson in LESSONS}
    assert entry.lecture in lectures
    found = {cell["id"]: cell for cell in ledger.cells(lectures[entry.lecture])}
    assert entry.proof in found, f"give {entry.id} in course/notes.toml the cell of {entry.lecture} that proves it"
    assert ledger.proves(found[entry.proof])


def test_the_cells_say_the_same() -> None:
    """What cells claim to prove, in their metadata, is just what the ledger says that they prove."""
    assert ledger.claimed(lesson.path for lesson in LESSONS) == LEDGER.claims
