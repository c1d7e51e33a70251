"""The page on what each check asks has every check of the course once."""

from __future__ import annotations

import re
from pathlib import Path

from tests.fixtures.notebooks import ROOT, assignments, checks_of


def test_each_check_is_on_the_page() -> None:
    """In the order in which they run, each with a sentence."""
    text = Path(ROOT, "docs", "checks.md").read_text()
    rows = re.findall(r"^\| `([a-z.]+)` \| ([A-Z0-9].+\.¹?(?: .+\.)?) \|$", text, re.MULTILINE)
    for name in assignments():
        assert [row for row, _ in rows if row.startswith(f"{name}.")] == [check.id for check in checks_of(name)]
    assert len(rows) == sum(len(checks_of(name)) for name in assignments())
