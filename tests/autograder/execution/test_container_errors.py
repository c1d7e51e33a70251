"""Whose doing an error of Docker is, with containers that refuse as a daemon does."""

from __future__ import annotations

from typing import Any, cast

import pytest
import requests
from docker.errors import APIError
from docker.models.containers import Container

from autograder.execution.container_errors import ContainerEnded, needs_running, shared_with, start_beside

RUNS = {"Running": True, "Restarting": False, "StartedAt": "2026-01-01T10:00:00Z"}
ENDED = {"Running": False, "Restarting": False, "StartedAt": "2026-01-01T10:00:00Z"}
RESTARTS = {"Running": True, "Restarting": True, "StartedAt": "2026-01-01T10:00:00Z"}
STARTED_AGAIN = {"Running": True, "Restarting": False, "StartedAt": "2026-01-01T12:00:01Z"}


def refusal(status: int) -> APIError:
    """What docker-py raises for an answer of this status."""
    answer = requests.Response()
    answer.status_code = status
    return APIError("refused", response=answer, explanation="it is not running")


class Refused:
    """A container of ours that Docker does not start; beside it is one of theirs, in this state."""

    def __init__(self, status: int, state: dict[str, Any]) -> None:
        self.attrs = {"Created": "2026-01-01T12:00:00Z", "State": state}
        self.client = self.containers = self
        self._status = status

    def get(self, _: str) -> Refused:
        """The other one, too, for what is asked of it."""
        return self

    def start(self) -> None:
        """Be refused."""
        raise refusal(self._status)


@pytest.mark.parametrize(("status", "raised"), [(409, ContainerEnded), (500, APIError)])
def test_a_conflict_about_a_students_container_is_theirs(status: int, raised: type[Exception]) -> None:
    """Any other error stays what it is."""
    with pytest.raises(raised), needs_running():
        raise refusal(status)


@pytest.mark.parametrize(
    ("status", "state", "raised"),
    [
        (409, RUNS, ContainerEnded),
        (500, ENDED, ContainerEnded),
        (500, RESTARTS, ContainerEnded),
        (500, STARTED_AGAIN, ContainerEnded),
        (500, RUNS, APIError),
    ],
)
def test_a_start_beside_what_ended_is_theirs(status: int, state: dict[str, Any], raised: type[Exception]) -> None:
    """However Docker reports it; beside one that has run all the time, the error is the grader's."""
    with pytest.raises(raised):
        start_beside(cast(Container, Refused(status, state)), {"theirs"})


def test_a_conflict_of_the_grader_alone_is_not_hidden() -> None:
    """A container of ours that shares nothing has nobody else to blame."""
    with pytest.raises(APIError):
        start_beside(cast(Container, Refused(409, ENDED)), set())


def test_who_shares_namespaces_is_in_the_options() -> None:
    """The machine's own namespaces are nobody's container."""
    assert shared_with({"network_mode": "container:one", "pid_mode": "container:two"}) == {"one", "two"}
    assert shared_with({"network_mode": "none", "pid_mode": "host", "image": "container:three"}) == set()
