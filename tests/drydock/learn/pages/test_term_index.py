"""The index of terms is whole."""

from __future__ import annotations

import re

from drydock.learn.pages import term_index
from scripts.lesson_reader import COURSE, LESSONS

GLOSSARY = (COURSE / "glossary.md").read_text()


def test_index_and_glossary_have_the_same_terms() -> None:
    """Every bold term of the lessons is there once, every entry of the glossary too, and both in order."""
    terms = re.findall(r"^- \[([^\]]+)\]\(glossary\.md", term_index.text(LESSONS), re.MULTILINE)
    entries = re.findall(r"^## (.+)$", GLOSSARY, re.MULTILINE)
    assert [term.lower() for term in terms] == sorted(entry.lower() for entry in entries)
    assert {term.lower() for lesson in LESSONS for term in lesson.terms} == {term.lower() for term in terms}


def test_a_term_comes_first_where_the_glossary_says() -> None:
    """The lesson of a term's entry in the glossary is the one that introduces it."""
    parts = re.findall(r"^## (.+)\n\n[^#]*\]\((\w+)\.ipynb\)$", GLOSSARY, re.MULTILINE)
    introduced_in = {term.lower(): lesson for term, lesson in parts}
    first = {term.lower(): str(lesson) for term, (lesson, _) in term_index.first_places(LESSONS).items()}
    assert introduced_in == first


def test_links_lead_to_headings() -> None:
    """Each link leads to a cell with a heading."""
    headings = {(str(lesson), heading.name) for lesson in LESSONS for heading, _ in lesson.sections}
    linked = re.findall(r"\]\((\w+)\.ipynb#cell-id=([\w-]+)\)", term_index.text(LESSONS))
    assert linked
    assert set(linked) <= headings
