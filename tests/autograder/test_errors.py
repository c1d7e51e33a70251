"""The messages a person who grades can meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import errors
from drydock.errors import DrydockError

MESSAGES = [
    errors.NotACourse(Path("somewhere")),
    errors.UnknownAssignment("servise", ["service"]),
    errors.InvalidChecks("service", "it defines no `assignment`"),
    errors.UnknownCheck("service.nothing", ["service.running"]),
    errors.NoSubmissions("build/submitted/*/service", ["ada"]),
    errors.UnreadableNotebook("it is empty"),
    errors.ReleaseFailed("service", "the last line"),
    errors.GradingFailed("ada", "a trace"),
    errors.NotIsolated("bubblewrap is not installed", "apt-get install -y bubblewrap"),
    errors.NotReleased("service"),
    errors.NoDueDate("service"),
    errors.InvalidExtension(-1, 0),
    errors.UnknownStudent("adda", ["ada", "bob"]),
    errors.WorkerStuck("ada", 840),
    errors.WorkerLost("ada", "it was killed by signal 9"),
    errors.NoCluster("tls://teacher:8786", "it has no workers"),
    errors.OtherVersion(),
    errors.ExtraMissing("--scheduler", "cluster"),
    errors.NotIsolated("bubblewrap is not installed", "install it"),
    errors.AlreadyGrading("process 42 on here", "2026-01-01 12:00:00", "grading service"),
    errors.GradebookFailed("sqlite:///gradebook.db", "attempt to write a readonly database"),
    errors.CannotWrite(Path("build/verdict.json"), "No space left on device"),
    errors.NothingGraded("service"),
    errors.TooLarge("A page", 16 << 20),
]


def test_each_message_is_tried_here() -> None:
    """A new one must be added to the list."""
    classes = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DrydockError)}
    assert {type(message) for message in MESSAGES} == classes - {DrydockError}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_finished(message: DrydockError) -> None:
    """It says what happened, and why or what to do about it."""
    assert message.what.endswith(".")
    assert message.why or message.next
    assert str(message).startswith(message.what)
