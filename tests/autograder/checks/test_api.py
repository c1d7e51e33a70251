"""What a check is."""

from __future__ import annotations

import pytest

from autograder.checks.api import Check, check
from autograder.checks.context import CheckContext
from tests.fixtures.notebooks import assignments, checks_of


@check(points=2)
def first(context: CheckContext) -> None:
    """The line a student reads.

    And something only an instructor reads.
    """


def test_a_check_is_known_by_its_assignment_and_function() -> None:
    """The id is the name of the module's folder and the function's; the gradebook's name has a hyphen instead."""
    assert first.id == "checks.first"
    assert first.grade_id == "checks-first"


def test_the_docstring_is_the_line_the_student_reads() -> None:
    """Only its first line."""
    assert first.line == "The line a student reads."


@pytest.mark.parametrize(
    "check", [check for name in assignments() for check in checks_of(name)], ids=lambda check: check.id
)
def test_every_check_has_points_and_a_line(check: Check) -> None:
    """Each is worth something and says in a sentence what it looks for."""
    assert check.points > 0
    assert check.line.endswith(".")
