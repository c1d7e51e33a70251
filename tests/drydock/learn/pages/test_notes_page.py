"""The page of the lecture notes is whole: each line has its place, and each link leads to a cell."""

from __future__ import annotations

import re

from drydock.learn.pages import ledger, notes_page
from scripts.lesson_reader import COURSE, LESSONS

LEDGER = ledger.read(COURSE)
PAGE = notes_page.text(LEDGER, LESSONS)


def test_every_line_has_its_place() -> None:
    """The headings are the numbers of all lines in order, and each entry is explained once."""
    lines = [int(number) for number in re.findall(r"^### line (\d+)$", PAGE, re.MULTILINE)]
    assert lines == sorted(LEDGER.digests)
    assert len(lines) == LEDGER.lines
    assert len(re.findall(r"\. \*\*(?:Confirmed|Corrected|Obsolete)\.\*\* ", PAGE)) == len(LEDGER.entries)


def test_every_link_leads_to_a_cell() -> None:
    """Each entry links to its proof, and the lesson has that cell."""
    cells = {(str(lesson), cell.name) for lesson in LESSONS for cell in lesson.cells}
    linked = re.findall(r"\]\((\w+)\.ipynb#cell-id=([\w-]+)\)", PAGE)
    assert len(linked) == len(LEDGER.entries)
    assert set(linked) == {(entry.lesson, entry.proof) for entry in LEDGER.entries}
    assert set(linked) <= cells


def test_every_aside_leads_back() -> None:
    """Each folded aside links to lines of the page, some of them the lesson's own, and has no other verdict."""
    about = {(entry.lesson, line) for entry in LEDGER.entries for line in entry.lines}
    asides = [
        (str(lesson), aside)
        for lesson in LESSONS
        for aside in re.findall(r"<details><summary>From the notes.*?</details>", lesson.text, re.DOTALL)
    ]
    assert len(asides) > 80
    for lesson, aside in asides:
        lines = [int(number) for number in re.findall(r"\]\(notes\.md#line-(\d+)\)", aside)]
        assert {(lesson, line) for line in lines} & about, aside
        verdicts = set(re.findall(r"\b(?:confirmed|corrected|obsolete)\b", aside.lower()))
        assert verdicts, aside
        assert verdicts <= {entry.verdict for entry in LEDGER.entries if set(entry.lines) & set(lines)}, aside
        assert set(lines) <= set(LEDGER.digests), aside


def test_sources_are_links() -> None:
    """Each source has an address, but for the notes themselves, and each address is used."""
    named = {name for entry in LEDGER.entries for name in notes_page.sources(entry)}
    assert named == set(LEDGER.sources)
    assert {name for name, address in LEDGER.sources.items() if not address.startswith("https://")} == {"the notes"}


def test_a_stand_in_is_named() -> None:
    """Where a cell runs something in place of what the statement is about, the page names it."""
    assert "Shown with Swarm on one node in [14 " in PAGE
    assert PAGE.count("Shown with ") == sum(bool(entry.stand_in) for entry in LEDGER.entries)
