"""The notes ledger is complete: each line of the lecture notes has an entry, and each entry a cell that proves it."""

from __future__ import annotations

import re

import pytest

from scripts import notes_ledger
from scripts.lesson_reader import LESSONS
from scripts.notes_ledger import NOTES, VERDICTS, Entry, line_digests, total_digest

LEDGER = notes_ledger.read()
WORDS = re.compile(r"[a-z]+(-([a-z]+|[0-9]+))*")

each_entry = pytest.mark.parametrize("entry", LEDGER.entries, ids=str)


def test_every_line_of_the_notes_has_an_entry() -> None:
    """The entries' lines are all lines of the notes; if a copy of the notes is at hand, it has exactly these lines."""
    assert len(LEDGER.digests) == LEDGER.lines
    assert total_digest(LEDGER.digests) == LEDGER.digest
    if NOTES.exists():
        assert LEDGER.digests == line_digests(NOTES.read_text())


def test_changed_notes_have_another_digest() -> None:
    """The digest of the notes depends on each line, but not on empty lines or on spaces around a line."""
    digests = line_digests("one\n\n  two \n")
    assert digests == line_digests("  one\n\ntwo")
    notes = ("one\n\ntwo", "one", "one\n\ntoo", "one\ntwo")
    assert len({total_digest(line_digests(text)) for text in notes}) == 4


def test_ids_are_unique() -> None:
    """No two entries have the same id, and each id consists of words, as those of cells do."""
    ids = [entry.id for entry in LEDGER.entries]
    assert len(set(ids)) == len(ids)
    assert [id for id in ids if not WORDS.fullmatch(id)] == []


@each_entry
def test_entry_is_complete(entry: Entry) -> None:
    """An entry has the statement, its verdict, what is true today, and the source of that."""
    assert entry.verdict in VERDICTS
    assert entry.lines == sorted(set(entry.lines))
    assert all((entry.lines, entry.section, entry.statement, entry.today, entry.source))


@each_entry
def test_entry_has_a_proof(entry: Entry) -> None:
    """The entry's lesson has the cell that it names, and that cell has an assertion or an expected error."""
    lessons = {str(lesson): lesson.path for lesson in LESSONS}
    assert entry.lesson in lessons
    cells = {cell["id"]: cell for cell in notes_ledger.cells(lessons[entry.lesson])}
    assert entry.proof in cells, f"give {entry.id} in course/notes.toml the cell of {entry.lesson} that proves it"
    assert notes_ledger.is_proof(cells[entry.proof])


def test_cells_name_the_same_proofs() -> None:
    """The entries that cells name in their metadata are the entries whose proofs they are."""
    assert notes_ledger.proofs_in_cells(lesson.path for lesson in LESSONS) == LEDGER.proofs
