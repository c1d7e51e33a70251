"""The README's figures about the notes come out of the ledger."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from scripts.notes_ledger import read
from scripts.notes_table import table
from tests.architecture.tree import ROOT


def test_each_lecture_has_a_row_and_all_have_one() -> None:
    """The entries are counted by lecture and verdict, and their sums stand at the edges."""
    one = replace(read().entries[0], lecture="01_one", verdict="holds")
    entries = [one, one, replace(one, verdict="history"), replace(one, lecture="02_two", verdict="corrected")]
    assert table(entries).splitlines() == [
        "| lecture | hold | are corrected | are history | entries |",
        "|---|--:|--:|--:|--:|",
        "| 01_one | 2 | 0 | 1 | 3 |",
        "| 02_two | 0 | 1 | 0 | 1 |",
        "| **all** | 2 | 1 | 1 | 4 |",
    ]


def test_the_command_prints_the_table_of_the_ledger() -> None:
    """Run in the repository, it counts every entry of the ledger."""
    words = [sys.executable, "-m", "scripts.notes_table"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == table(read().entries) + "\n"
    assert done.stdout.rstrip().endswith(f"| {len(read().entries)} |")
