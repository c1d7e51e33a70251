"""Recognizing a password by the verifier that PostgreSQL stores."""

from __future__ import annotations

import time
from typing import Any

import pytest

from assignments.production.scram import Verifier, teller, words_of
from autograder.checks.api import Failed

#: What PostgreSQL 17 kept of the password `lighthouse`.
KEPT = (
    "SCRAM-SHA-256$4096:X7TzDp21gvu6bYm1nFludQ==$"
    "JgWBVRkpmMojD5CrEKnStd8m9OJJoVd6OCi6yXujnF8=:3j9KfpAoz0YhX/zHhVlWrbtE8N1AhlYuYBAdqgp6XWE="
)


@pytest.fixture
def verifier() -> Verifier:
    """What the database knows."""
    read = Verifier.read(f"{KEPT}\n")
    assert read is not None
    return read


def test_it_knows_the_password_and_no_other(verifier: Verifier) -> None:
    """As the database itself would."""
    assert verifier.knows("lighthouse")
    assert not verifier.knows("Lighthouse")


@pytest.mark.parametrize("text", ["", "md5a3556571e93b0d20722ba62be61e8c2d", KEPT[:40], KEPT.replace("==$", "$")])
def test_what_is_no_verifier_is_none(text: str) -> None:
    """Whatever else the column may hold."""
    assert Verifier.read(text) is None


@pytest.mark.parametrize(
    "thing",
    [
        "lighthouse",
        ["PATH=/bin", "KEEPER=lighthouse"],
        {"Config": {"Healthcheck": {"Test": ["CMD-SHELL", "PGPASSWORD='lighthouse' psql -c 'SELECT 1'"]}}},
        {"Labels": {"lighthouse": ""}},
        {"Env": ["URL=postgres://clerk:lighthouse@database:5432/book?sslmode=disable"]},
        {"Env": ["URL=postgres://clerk:light%68ouse@database/book"]},
        [{"CreatedBy": "RUN /bin/sh -c echo lighthouse>/word # buildkit"}],
        ("x" * 500, {"deep": [["lighthouse\n"]]}),
    ],
)
def test_the_password_is_found_wherever_it_is_said(verifier: Verifier, thing: Any) -> None:
    """As a value, a key, a part of an address, in a command."""
    assert teller([verifier], [("nothing", None), ("this", thing), ("that", thing)]) == "this"


def test_who_does_not_say_it_is_no_teller(verifier: Verifier) -> None:
    """A longer word is another word, and numbers are none."""
    things = [("one", {"Env": ["KEEPER=lighthouses"], "Memory": 4096, "Init": None, "Tty": False}), ("two", [])]
    assert teller([verifier], things) is None


def test_a_word_is_read_whole_and_in_pieces() -> None:
    """What follows the first sign of equality is one too, since a password may have signs in it."""
    assert set(words_of("A=b=c d")) >= {"A=b=c d", "b=c d", "A", "b", "c", "d"}


@pytest.mark.parametrize("iterations", ["0", "00", "1000000", "-1", "\u0664"])
def test_a_number_of_iterations_is_at_least_one_and_has_six_digits(iterations: str) -> None:
    """With none, Python refuses to compute anything; with more, a word takes seconds."""
    assert Verifier.read(KEPT.replace("4096", iterations)) is None


def test_slow_verifiers_end_in_time() -> None:
    """The database chooses how long each word takes, and the reason names its number."""
    slow = Verifier(999_999, b"salt", b"stored")
    words = {"Env": [f"WORD{number}=value{number}" for number in range(1500)]}
    began = time.monotonic()
    with pytest.raises(Failed, match="999999 iterations") as failed:
        teller([slow], [("this", words)], seconds=0.5)
    assert "scram_iterations" in failed.value.hint
    assert time.monotonic() - began < 60
