"""Messages about lessons, exercises and questions."""

from __future__ import annotations

import pytest

from drydock.errors import DrydockError, UnknownExercise, UnknownLesson, UnknownQuestion


@pytest.mark.parametrize("kind", [UnknownLesson, UnknownExercise, UnknownQuestion])
def test_the_names_there_are_come_with_the_one_that_is_not(kind: type[DrydockError]) -> None:
    """A typing error is seen by comparing; a long name is cut."""
    message = str(kind("03_prots" + "x" * 200, ["03_ports", "04_limits"]))  # type: ignore[call-arg,arg-type]
    assert "03_prots" in message
    assert "03_ports, 04_limits" in message
    assert len(message) < 300
    assert "none, " in str(kind("a", []))  # type: ignore[call-arg,arg-type]
