"""The reader of the notes' ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.learn.pages import ledger
from scripts.lesson_reader import COURSE


def test_a_line_has_its_entries_in_order() -> None:
    """A line with several statements has an entry for each, and an entry of two lines is there for both."""
    by_line = ledger.read(COURSE).by_line()
    assert list(by_line) == sorted(by_line)
    assert [entry.id for entry in by_line[28]] == ["limit-memory", "limit-cpu-shares", "limit-cpu-quota"]
    assert by_line[22] == by_line[23]


def test_an_unknown_field_is_an_error(tmp_path: Path) -> None:
    """A field with a typing error in its name doesn't stay unnoticed."""
    text = (COURSE / ledger.NAME).read_text().replace('stand_in = "', 'standin = "', 1)
    (tmp_path / ledger.NAME).write_text(text)
    with pytest.raises(TypeError, match="standin"):
        ledger.read(tmp_path)
