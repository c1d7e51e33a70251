"""What a check is."""

from __future__ import annotations

import pytest

from autograder.checks.api import check, checks_of, find, known, limits_of, machines_of
from autograder.checks.context import CheckContext
from autograder.errors import UnknownAssignment, UnknownCheck
from autograder.execution.kernel_container import DEFAULT


@check(points=2)
def first(ground: CheckContext) -> None:
    """The line a student reads.

    And something only a teacher reads.
    """


def test_a_check_is_known_by_file_and_function() -> None:
    """The id is the file's last word and the function's name; the gradebook's name has a hyphen instead."""
    assert first.id == "test_api.first"
    assert first.grade_id == "test_api-first"


def test_the_docstring_is_the_line_the_student_reads() -> None:
    """Only its first line."""
    assert first.line == "The line a student reads."


def test_checks_come_in_the_order_they_are_written() -> None:
    """A check comes after all that it needs."""
    for stem in known():
        order = [one.id for one in checks_of(stem)]
        for place, one in enumerate(checks_of(stem)):
            assert all(order.index(need.id) < place for need in one.needs)


def test_every_check_has_points_and_a_line() -> None:
    """Each is worth something and says in a sentence what it looks for."""
    for one in (one for stem in known() for one in checks_of(stem)):
        assert one.points > 0
        assert one.line.endswith(".")


def test_an_unknown_assignment_names_those_there_are() -> None:
    """The message helps with a typing error."""
    with pytest.raises(UnknownAssignment, match=r"there is: .*service"):
        checks_of("servise")


@pytest.mark.parametrize("name", ["service.nothing", "nothing.at-all", "service", ""])
def test_an_unknown_check_is_refused(name: str) -> None:
    """What isn't a check is told apart from one that failed."""
    with pytest.raises(UnknownCheck):
        find(name)


def test_a_check_is_found_by_its_id() -> None:
    """What the student writes in a cell finds the function that grades."""
    assert find("service.answers").id == "service.answers"


def test_an_assignment_may_need_longer() -> None:
    """It says so in its own file; most don't."""
    assert limits_of("service") == DEFAULT
    assert limits_of("devimage").cell_seconds > DEFAULT.cell_seconds


def test_how_many_machines_it_takes() -> None:
    """One, unless an assignment's file says otherwise: an image that travels needs somewhere to go."""
    assert (machines_of("service"), machines_of("devimage")) == (1, 2)
