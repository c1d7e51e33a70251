"""What a student sees of a check in their own notebook."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import check, token
from autograder.checks.selfcheck import SYMBOLS, Shown
from autograder.errors import UnknownCheck
from autograder.verdict import Outcome, Result
from drydock.core.endpoint import Endpoint

GREETS = """
from autograder.checks.api import check
from autograder.checks.assignment import Assignment


@check(points=1)
def greets(context):
    pass


assignment = Assignment([greets])
"""
FAILED = Result("service.token", "It shows the token.", 1, "failed", "The page says '<b>hi</b>'.", "Ask for it.")


def test_a_result_reads_as_text() -> None:
    """Points, the line, what was seen, how to go on."""
    assert repr(Shown([FAILED])).splitlines() == [
        "✘ 0/1  It shows the token.",
        "       Seen: The page says '<b>hi</b>'.",
        "       Hint: Ask for it.",
    ]


def test_a_long_reason_is_broken_into_lines() -> None:
    """It stands in a box as wide as a page, and nobody scrolls there."""
    long = Result("service.token", "It shows the token.", 1, "failed", "word " * 60, "Ask for it.")
    lines = repr(Shown([long])).splitlines()
    assert max(map(len, lines)) <= 110
    assert [line[:13] for line in lines[1:4]] == ["       Seen: ", " " * 13, " " * 13]


def test_what_was_seen_is_escaped_in_html() -> None:
    """A page of the student's own must not act in the notebook."""
    html = Shown([FAILED])._repr_html_()
    assert "&lt;b&gt;hi" in html
    assert "<b>hi" not in html


@pytest.mark.parametrize("state", ["passed", "failed", "skipped", "error"])
def test_words_have_the_colour_of_the_page(state: Outcome) -> None:
    """Only the sign and the border have a colour of their own: words are readable on a light and on a dark page."""
    html = Shown([replace(FAILED, state=state)])._repr_html_()
    assert re.findall(r"[^-]color:[^>]*>([^<]*)<", html) == [SYMBOLS[state]]


def test_the_token_stays_the_same_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is another in the next."""
    monkeypatch.delenv("DRYDOCK_TOKEN", raising=False)
    word = token()
    assert token() == word
    monkeypatch.delenv("DRYDOCK_TOKEN")
    assert token() != word


def test_an_unknown_check_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error is no failed check."""
    with pytest.raises(UnknownCheck):
        check("service.nothing")


def test_the_checks_beside_the_notebook_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A released folder has its own assignment, whatever its name is; elsewhere, Drydock's assignments are used."""
    (tmp_path / "service.ipynb").write_text("{}")
    (tmp_path / "checks.py").write_text(GREETS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownCheck, match=r"choose one of: service\.greets$"):
        check("service.answers")
    with pytest.raises(UnknownCheck, match=r"choose one of: devimage\.builds"):
        check("devimage.nothing")
    (tmp_path / "service.ipynb").unlink()
    with pytest.raises(UnknownCheck, match=r"service\.answers"):
        check("service.nothing")


def test_nothing_is_looked_at_while_grading(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The look from outside is the one that counts."""
    monkeypatch.setenv("DRYDOCK_GRADING", "1")
    check("service.running")
    check.all("service")
    assert capsys.readouterr().out == "Looked at from outside, when the notebook has run.\n" * 2


@pytest.mark.host
def test_a_check_looks_at_the_engine_of_the_notebook(
    host: Endpoint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is the very function that grades, on the daemon that ``DOCKER_HOST`` names."""
    for name, value in host.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DRYDOCK_TOKEN", "a-token")
    check.all("service")
    out = capsys.readouterr().out
    assert "No container is called `service`." in out
    assert "`service.running` did not pass" in out
