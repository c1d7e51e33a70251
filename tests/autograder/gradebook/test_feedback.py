"""What is shown of a verdict."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from functools import partial

import pytest
from nbconvert import HTMLExporter

from autograder.execution import sanitize
from autograder.execution.bounded_call import bounded_call
from autograder.gradebook import feedback
from autograder.verdict import Result, Verdict
from tests.autograder.conftest import notebook_of

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>"


def verdict(reason: str, executed: bytes = b"") -> Verdict:
    """A verdict on one check, with this to show."""
    result = Result("service.token", "It shows `token()`.", 1, "failed", reason, "Ask for it.")
    ran = sanitize.text(sanitize.harmless(sanitize.read(executed))) if executed else ""
    return Verdict("ada", "service", "graded", (result,), 1, ran)


def prose(words: str) -> bytes:
    """A notebook of one markdown cell."""
    cell = {"cell_type": "markdown", "id": "prose", "metadata": {}, "source": words}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def elements(page: str) -> set[str]:
    """The names of all elements in a page."""
    return set(re.findall(r"<([a-z0-9]+)", page))


def test_the_page_says_what_was_seen() -> None:
    """Check, points, reason and hint, and the words between backticks as code."""
    page = feedback.page(verdict("The page says 'hi'."))
    assert "It shows <code>token()</code>." in page
    assert "The page says &#x27;hi&#x27;." in page
    assert "Hint: Ask for it." in page
    assert "0 / 1" in page


def test_what_was_seen_is_escaped() -> None:
    """Names, logs and pages of a submission reach the reason as they are."""
    assert not elements(feedback.page(verdict(EVIL + f"`{EVIL}`"))) & {"script", "img"}


def test_the_executed_notebook_cannot_act() -> None:
    """Neither its source nor its prose nor its output brings an element that could."""
    content = json.loads(notebook_of(f"print('''{EVIL}''')"))
    content["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": EVIL}]
    content["cells"] += json.loads(prose(EVIL))["cells"]
    page = feedback.page(verdict("", json.dumps(content).encode()))
    assert page.count("alert(1)") == 3
    assert not elements(page) & {"script", "img", "iframe", "object", "svg", "form", "link"}


def test_the_page_forbids_to_run_or_fetch_anything() -> None:
    """If something got through, the browser would still refuse it."""
    page = feedback.page(verdict(""))
    assert "default-src 'none'" in page
    assert "https:" not in page
    assert "http:" not in page


def test_a_person_who_marks_reads_what_happened() -> None:
    """Where no notebook came back there is the one that was given out, so that its open question can be marked."""
    lost = replace(verdict(""), state="unreadable", note=f"It is not JSON. {EVIL}")
    given = sanitize.read(notebook_of("# your code", "check('service.token')"))
    heading, *cells = feedback.to_mark(lost, given).cells
    assert heading.source.startswith("> It is not JSON.")
    assert "<script" not in heading.source
    assert [cell.source for cell in cells] == ["# your code", "check('service.token')"]
    assert feedback.to_mark(verdict("", prose("Hello"))).cells[0].source == "Hello"


LINKS = [
    "[x](javascript:alert(1))",
    "[x]( data:text/html,x)",
    "[x]\n\n[x]: javascript:alert(1)",
    "[x](java&#115;cript:a())",
]


@pytest.mark.parametrize("words", LINKS)
def test_a_link_that_acts_is_no_link(words: str) -> None:
    """Links lead to pages or nowhere, in the page and in the notebook that formgrader renders."""
    shown = verdict("", prose(words))
    assert "<a" not in feedback.page(shown)
    formgrader, _ = HTMLExporter(template_name="basic").from_notebook_node(feedback.with_results(shown))
    assert "<a href" not in formgrader.replace('<a class="anchor-link"', "")


def test_a_link_to_a_page_is_one() -> None:
    """Most links are meant well."""
    assert '<a href="https://docs.example/run">x</a>' in feedback.page(
        verdict("", prose("[x](https://docs.example/run)"))
    )


def test_a_link_to_a_file_beside_the_notebook_is_its_words() -> None:
    """The lessons aren't beside the page; what is left by leaving out a link makes no other one."""
    shown = feedback.page(verdict("", prose("[03 ports](../../course/03_ports.ipynb) [[x](a)](javascript:alert(1))")))
    assert "<p>03 ports [x]" in shown
    assert "<a" not in shown


def test_a_picture_from_elsewhere_is_not_fetched() -> None:
    """It would inform its owner who opens the page, and when."""
    shown = feedback.with_results(verdict("", prose("![x](https://tracker.example/1.png)")))
    assert "<img" not in HTMLExporter(template_name="basic").from_notebook_node(shown)[0]


def test_results_stand_under_the_cells_of_their_checks() -> None:
    """So formgrader shows them too, whatever the cell had printed."""
    executed = notebook_of("check('service.token')", nbgrader={"grade_id": "service-token", "grade": True})
    cell = feedback.with_results(verdict("seen", executed)).cells[0]
    assert [output.text for output in cell.outputs] == [
        "✘ 0/1  It shows `token()`.\n       Seen: seen\n       Hint: Ask for it.\n"
    ]


def test_a_colour_without_a_number_is_left_out() -> None:
    """nbconvert raises an IndexError at it; the words are shown."""
    content = json.loads(notebook_of("1"))
    content["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "\x1b[38mred\x1b[48;5mblue"}]
    shown = feedback.rendered(verdict("seen", json.dumps(content).encode()))
    assert "redblue" in shown.page
    assert "can't be shown" not in shown.notebook


def test_prose_that_takes_too_long_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser of Markdown takes minutes for a million brackets; the page has the points and says what it lacks."""
    monkeypatch.setattr(feedback, "bounded_call", partial(bounded_call, seconds=3))
    began = time.monotonic()
    shown = feedback.rendered(verdict("seen", prose("[" * (1 << 20))))
    assert time.monotonic() - began < 60
    assert "shown: it took longer than 3 s" in shown.page
    assert "It shows <code>token()</code>." in shown.page
    assert "[[[" not in shown.notebook


def test_without_a_notebook_there_is_still_a_page() -> None:
    """A submission that could not be read gets its reason."""
    assert "There is none to show." in feedback.page(verdict(""))
