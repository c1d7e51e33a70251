"""Messages about lessons, exercises and questions."""

from __future__ import annotations

import pytest

from drydock.errors import (
    CallRefused,
    DockerLineBroken,
    DockerLineInPython,
    DrydockError,
    NameLost,
    RunInterrupted,
    ShellCellFailed,
    UnknownExercise,
    UnknownLesson,
    UnknownQuestion,
)


@pytest.mark.parametrize("kind", [UnknownLesson, UnknownExercise, UnknownQuestion])
def test_the_names_there_are_come_with_the_one_that_is_not(kind: type[DrydockError]) -> None:
    """A typing error is seen by comparing; a long name is cut."""
    message = str(kind("03_prots" + "x" * 200, ["03_ports", "04_limits"]))  # type: ignore[call-arg,arg-type]
    assert "03_prots" in message
    assert "03_ports, 04_limits" in message
    assert len(message) < 300
    assert "none, " in str(kind("a", []))  # type: ignore[call-arg,arg-type]


def test_a_lost_name_leads_to_the_cells_above() -> None:
    """The message has the name, and says that containers are still there, which cells to run, and what if one fails."""
    message = str(NameLost("client"))
    assert "If one of them fails" in message
    assert "'client' is not defined" in message
    assert "still there" in message
    assert "Run All Above" in message


def test_a_failed_shell_cell_has_its_exit_code() -> None:
    """The message has the exit code, and leads to what the cell printed."""
    assert "exit code 125" in str(ShellCellFailed(125))


def test_a_docker_line_in_python_leads_to_both_ways_into_the_shell() -> None:
    """The message has the line, at most 200 characters of it, and names `!` and `%%bash`."""
    message = str(DockerLineInPython("docker run " + "x" * 300))
    assert "this line: docker run xxx" in message
    assert "x" * 200 not in message
    assert "Write `!` in front of `docker`" in message
    assert "`%%bash` as the first line" in message


def test_the_rest_of_a_docker_command_leads_to_the_backslash() -> None:
    """The message has the line, at most 200 characters of it, and the sign that joins two lines."""
    message = str(DockerLineBroken("drydock/debian:13 " + "x" * 300))
    assert "this line: drydock/debian:13 xxx" in message
    assert "x" * 200 not in message
    assert "a space and `\\`, or" in message


def test_a_refused_call_leads_to_the_arguments() -> None:
    """The message has docker-py's words, the right name if there is one, and how JupyterLab shows the arguments."""
    message = str(CallRefused("run() got an unexpected keyword argument 'port'", "ports"))
    assert "argument 'port'" in message
    assert "docker-py's name is `ports`." in message
    assert "press Shift and Tab" in message
    assert "name is" not in str(CallRefused("ports must be a dictionary"))


def test_an_interrupted_run_leads_to_the_container_and_the_option() -> None:
    """The message says that the container runs on, how it is removed, and what keeps `run` from waiting."""
    message = str(RunInterrupted())
    assert "docker rm -f NAME" in message
    assert "add detach=True" in message
