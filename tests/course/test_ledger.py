"""The notes ledger is complete: each line of the lecture notes has an entry, and each entry a cell that proves it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from scripts import notes_ledger
from scripts.lesson_reader import LESSONS, Cell
from scripts.notes_ledger import NOTES, VERDICTS, Entry, line_digests, proof_of, total_digest

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
    assert notes_ledger.is_proof(proof_of(entry)), f"name the cell of {entry.lesson} that proves {entry.id}"


@each_entry
def test_proof_has_its_claim(entry: Entry) -> None:
    """The commands and options of the statement are run in the cell."""
    assert notes_ledger.missing_words(entry, proof_of(entry)) == []


def test_missing_words_are_found() -> None:
    """A cell without the command, or with another option, doesn't prove a command line."""
    entry = replace(LEDGER.entries[0], statement="`run --net=host -ti ubuntu` and `--memory` limit.", stand_in="")
    cell = Cell("a", True, "!docker run --network host drydock/busybox:1.37")
    assert notes_ledger.missing_words(entry, cell) == ["--net", "--memory"]
    machine = replace(entry, statement="`docker-machine ip`", stand_in="`drydock machine`")
    assert notes_ledger.missing_words(machine, cell) == ["drydock machine ip"]
    assert notes_ledger.missing_words(replace(entry, statement="`kill` it."), cell) == ["docker kill"]


def test_cells_name_the_same_proofs() -> None:
    """The entries that cells name in their metadata are the entries whose proofs they are."""
    assert notes_ledger.proofs_in_cells(LESSONS) == LEDGER.proofs


def test_verdicts_are_counted_by_lesson() -> None:
    """A row for each lesson, and one of sums, with sums in the last column."""
    entry = replace(LEDGER.entries[0], lesson="01_one", verdict="confirmed")
    others = [replace(entry, verdict="obsolete"), replace(entry, lesson="02_two", verdict="corrected")]
    assert notes_ledger.verdicts_table([entry, entry, *others]).splitlines() == [
        "| lesson | confirmed | corrected | obsolete | entries |",
        "|---|--:|--:|--:|--:|",
        "| 01_one | 2 | 0 | 1 | 3 |",
        "| 02_two | 0 | 1 | 0 | 1 |",
        "| **all** | 2 | 1 | 1 | 4 |",
    ]


def test_engines_are_counted() -> None:
    """A cell that needs a machine isn't shown where none can be started, and nothing is shown without Docker."""
    by_id = {entry.id: entry for entry in LEDGER.entries}
    rows = notes_ledger.engines_table([by_id["docker"], by_id["kubectl"]]).splitlines()
    assert rows[2:] == [
        "| a Drydock machine | 2 | 1 | 0 |",
        "| this computer's Docker, and machines can be started | 2 | 1 | 0 |",
        "| this computer's Docker, and no machine can be started | 1 | 0 | 1 |",
        "| no Docker | 0 | 0 | 2 |",
    ]


def test_command_prints_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """The command counts every entry of the course's ledger; no proof is without its claim."""
    notes_ledger.main()
    printed = capsys.readouterr().out
    assert f"{LEDGER.lines} of {LEDGER.lines} lines have an entry; {len(LEDGER.entries)} entries." in printed
    assert "Proofs without the command or an option of their claim: 0." in printed
    assert printed.rstrip().endswith(f"| {len(LEDGER.entries)} |")
