"""The cheat sheet is whole."""

from __future__ import annotations

from drydock.learn.pages import cheat_sheet
from scripts.lesson_reader import LESSONS


def test_every_lessons_table_is_there() -> None:
    """Each lesson has a heading with a link, in order, and all rows of its table, each with three columns."""
    page = cheat_sheet.text(LESSONS)
    places = [page.index(f"## [{lesson.number} {lesson.title}]({lesson}.ipynb)") for lesson in LESSONS]
    assert places == sorted(places)
    for lesson in LESSONS:
        rows = cheat_sheet.table(lesson).splitlines()
        assert rows[0].startswith("| command line"), lesson
        assert rows[0].endswith("| what for |"), lesson
        assert len(rows) > 5, lesson
        assert {row.replace(r"\|", "").count("|") for row in rows} == {4}, lesson
        assert cheat_sheet.table(lesson) in page
