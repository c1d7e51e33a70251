"""The table of the verdicts on the lecture notes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from scripts.notes_ledger import read
from scripts.notes_table import table
from tests.architecture.tree import ROOT


def test_row_for_each_lesson_and_one_of_sums() -> None:
    """Entries are counted by lesson and verdict, with sums in the last column and the last row."""
    entry = replace(read().entries[0], lesson="01_one", verdict="confirmed")
    others = [replace(entry, verdict="obsolete"), replace(entry, lesson="02_two", verdict="corrected")]
    assert table([entry, entry, *others]).splitlines() == [
        "| lesson | confirmed | corrected | obsolete | entries |",
        "|---|--:|--:|--:|--:|",
        "| 01_one | 2 | 0 | 1 | 3 |",
        "| 02_two | 0 | 1 | 0 | 1 |",
        "| **all** | 2 | 1 | 1 | 4 |",
    ]


def test_command_prints_the_table_of_the_ledger() -> None:
    """The command counts every entry of the course's ledger."""
    command = [sys.executable, "-m", "scripts.notes_table"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == table(read().entries) + "\n"
    assert done.stdout.rstrip().endswith(f"| {len(read().entries)} |")
