"""Tests of a parallel run are put into groups that share a worker."""

from __future__ import annotations

from typing import Any

import pytest

from tests.groups import HOST, arrange, group_of, spread


class Example(pytest.Item):
    """A test that is never run."""

    def runtest(self) -> None:
        """Do nothing."""


@pytest.fixture
def example(request: pytest.FixtureRequest) -> Any:
    """A function that makes a test of a file, with markers."""

    def make(file: str, *marks: pytest.MarkDecorator, number: int = 1) -> list[pytest.Item]:
        items = [
            Example.from_parent(request.session, name=f"test_{place}", nodeid=f"{file}::test_{place}")
            for place in range(number)
        ]
        for item in items:
            for mark in marks:
                item.add_marker(mark)
        return list(items)

    return make


def test_a_group_is_named_by_a_mark_or_the_daemon_or_the_file(example: Any) -> None:
    """A marker for xdist comes first, then the marker of tests with this computer's daemon."""
    [item] = example("tests/test_a.py")
    assert group_of(item) == "tests/test_a.py"
    item.add_marker(pytest.mark.host)
    assert group_of(item) == HOST
    item.add_marker(pytest.mark.xdist_group("pod"))
    assert group_of(item) == "pod"


def test_slow_groups_begin_first_and_end_with_quick_tests(example: Any) -> None:
    """The longest begins; each ends with the tests of a quick file, and what is left of these comes last."""
    quick = [example(f"tests/test_quick_{letter}.py", number=3) for letter in "abc"]
    short = example("tests/test_short.py", pytest.mark.live)
    pod = example("tests/pod/test_pod.py", pytest.mark.host, pytest.mark.xdist_group("pod"))
    items = [*quick[0], *short, *quick[1], *pod, *quick[2]]
    arrange(items)
    assert items == [*pod, *quick[0], *short, *quick[1], *quick[2]]
    names = [mark.args[0] for item in items if (mark := item.get_closest_marker("xdist_group"))]
    assert names == ["pod"] * 4 + ["tests/test_short.py"] * 4 + ["tests/test_quick_c.py"] * 3


def test_cases_are_dealt_out() -> None:
    """One after the other, each with its own id."""
    cases = spread(["first", "second", "third"], "lessons", 2)
    assert [case.id for case in cases] == ["first", "second", "third"]
    assert [mark.args[0] for case in cases for mark in case.marks] == ["lessons-1", "lessons-2", "lessons-1"]
