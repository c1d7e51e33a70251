"""How checks are run."""

from __future__ import annotations

from collections.abc import Iterator
from tarfile import ReadError
from typing import cast

import pytest
from docker.errors import NotFound
from requests import TooManyRedirects

from autograder.checks.api import Check, Failed, check
from autograder.checks.context import CheckContext
from autograder.checks.runner import not_run, run, run_one
from autograder.errors import TooLarge, TooManyFiles
from autograder.execution.container_errors import ContainerEnded

CONTEXT = cast(CheckContext, None)  # no check in this file looks at it


@check(points=1)
def passes(context: CheckContext) -> None:
    """Passes."""


@check(points=2, patience=0)
def fails(context: CheckContext) -> None:
    """Fails."""
    raise Failed("seen", hint="go on")


@check(points=1, needs=[fails])
def after_failure(context: CheckContext) -> None:
    """Needs what fails."""


@check(points=1)
def breaks(context: CheckContext) -> None:
    """Breaks."""
    raise ZeroDivisionError


@check(points=1, patience=0)
def vanishes(context: CheckContext) -> None:
    """Looks at something that goes away."""
    raise NotFound("gone")


@check(points=1, patience=0)
def ended(context: CheckContext) -> None:
    """Needs a container to run that has ended."""
    raise ContainerEnded


def flapping(answers: Iterator[bool]) -> Check:
    """Return a check that passes or fails as requested."""

    @check(points=1, patience=0)
    def flaps(context: CheckContext) -> None:
        """Flaps."""
        if not next(answers):
            raise Failed("not yet", hint="")

    return flaps


def test_each_outcome_has_its_points() -> None:
    """Only what passed has points."""
    outcomes = {result.id.partition(".")[2]: (result.state, result.points) for result in run([passes, fails], CONTEXT)}
    assert outcomes == {"passes": ("passed", 1), "fails": ("failed", 0)}


def test_a_failure_says_what_was_seen_and_how_to_go_on() -> None:
    """Reason and hint come from the check."""
    result = run_one(fails, CONTEXT)
    assert (result.reason, result.hint) == ("seen", "go on")


def test_what_needs_a_failed_check_is_skipped() -> None:
    """It isn't called failed, and it has no points."""
    result = run_one(after_failure, CONTEXT)
    assert (result.state, result.points) == ("skipped", 0)
    assert "checks.fails" in result.reason


def test_a_broken_check_is_not_the_students_fault(caplog: pytest.LogCaptureFixture) -> None:
    """It is an error, and the grader's log has the traceback."""
    assert run_one(breaks, CONTEXT).state == "error"
    assert "ZeroDivisionError" in caplog.text


def test_what_vanishes_while_it_is_looked_at_has_failed() -> None:
    """A container that is removed meanwhile is the student's doing, not the grader's."""
    assert run_one(vanishes, CONTEXT).state == "failed"


def test_a_container_that_ends_costs_one_check() -> None:
    """A container that crashes between two looks is the student's doing; the other checks keep their points."""
    results = run([passes, ended], CONTEXT)
    assert [(result.state, result.points) for result in results] == [("passed", 1), ("failed", 0)]
    assert "did not run any more" in results[1].reason
    assert "docker logs" in results[1].hint


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TooLarge("A layer", 1 << 20), "A layer is larger than 1 MB."),
        (TooManyFiles("An archive", 2000), "An archive has more than 2,000 files."),
        (ReadError("a sparse file"), "What Docker sent is no archive."),
        (TooManyRedirects(), "Docker answered with a redirect to another address."),
    ],
)
def test_what_no_honest_daemon_answers_is_the_students_doing(error: Exception, reason: str) -> None:
    """The check has failed, and the grader is not at fault."""

    @check(points=1, patience=0)
    def looks(context: CheckContext) -> None:
        """Gets such an answer."""
        raise error

    result = run_one(looks, CONTEXT)
    assert (result.state, result.reason) == ("failed", reason)
    assert "change it afterwards" in result.hint


@pytest.mark.parametrize(("answers", "state"), [([False, True], "passed"), ([False, False], "failed")])
def test_a_failed_look_gets_a_second_one(answers: list[bool], state: str) -> None:
    """Once may be bad luck; twice is a finding."""
    assert run_one(flapping(iter(answers)), CONTEXT).state == state


def test_nothing_to_look_at_is_worth_nothing() -> None:
    """Absence is never a pass."""
    assert [result.points for result in not_run([passes, fails])] == [0, 0]
