"""Pairs of submissions with similar answers."""

from __future__ import annotations

import time

import pytest

from autograder.errors import NotReleased
from autograder.execution import sanitize
from autograder.gradebook.similarity import answer, compare, given_out, lines_of
from autograder.submission import Submission
from tests.autograder.conftest import load_assignment, notebook_of

GIVEN = "import docker\nclient = docker.from_env()"
ADA = "client.containers.run('drydock/python:3.13', name='service', detach=True, mem_limit='64m')\nprint('all is well')"
BOB = ADA.replace("64m", "65m")
EVE = "!docker run -d --name service --memory 100m --restart on-failure -p 127.0.0.1:8080:80 drydock/python:3.13 sh"


def lines(source: str, **files: bytes) -> tuple[str, ...]:
    """The answer of a submission with this cell after the given one."""
    given = frozenset(lines_of(GIVEN))
    return answer(Submission("ada", "service", notebook_of(GIVEN, source), files), given)


def test_a_copy_is_a_pair_and_what_was_given_out_is_not() -> None:
    """Ada's and Bob's answers differ in one character; all three share the given cell, which does not count."""
    answers = {"ada": lines(ADA), "bob": lines(BOB), "eve": lines(EVE), "joe": lines("pass")}
    result = compare(answers, least=80)
    assert [(pair.first, pair.second) for pair in result.pairs] == [("ada", "bob")]
    assert result.pairs[0].shared == ("print('all is well')",)
    assert result.median < 80
    assert result.too_short == ("joe",)


def test_files_count_and_what_cannot_be_read_is_empty() -> None:
    """A Dockerfile beside the notebook is an answer, a picture is none, and no notebook stops nobody."""
    assert lines("", Dockerfile=b"FROM drydock/busybox:1.37\n") == ("FROM drydock/busybox:1.37",)
    assert lines("", picture=b"\x89PNG\0\0text and more") == ()
    assert answer(Submission("ada", "service", b"[" * 100_000), frozenset()) == ()


def test_the_given_lines_are_the_released_ones() -> None:
    """Of the notebook and of the files; without a student version there is nothing to compare with."""
    given = given_out(sanitize.read(notebook_of(GIVEN)), load_assignment())
    assert "import docker" in given
    with pytest.raises(NotReleased):
        given_out(None, load_assignment())


def test_a_class_of_a_hundred_is_compared_in_seconds() -> None:
    """With answers of any length."""
    answers = {f"s{number}": (ADA * 200, str(number)) for number in range(100)}
    began = time.monotonic()
    assert len(compare(answers, 80).pairs) == 4950
    assert time.monotonic() - began < 60
