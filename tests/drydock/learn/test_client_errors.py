"""What a cell shows for the errors of docker-py."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import docker
import pytest
from docker.errors import APIError, ContainerError, ImageNotFound, NotFound
from requests import Response

from drydock.errors import CallRefused, ContainerCommandFailed, ImageUnknown, RequestRefused
from drydock.learn import client_errors
from drydock.magics import NotAsExpected


def test_docker_py_names_the_image_in_the_error_before() -> None:
    """When docker-py pulls a missing image, the name is in the error that it was handling."""
    response = Response()
    try:
        try:
            raise ImageNotFound("x", response, "No such image: hello-world:latest")
        except ImageNotFound:
            raise APIError("x", response, "lookup registry-1.docker.io: no such host") from None
    except APIError as error:
        shown = client_errors.of_error(error)
    assert isinstance(shown, ImageUnknown)
    assert "hello-world:latest" in shown.what
    assert client_errors.of_error(ValueError("No such image: hello-world:latest")) is None


@pytest.mark.parametrize(
    ("status", "answer", "way_on"),
    [(404, "get precios: no such volume", "Check the spelling"), (400, "invalid filter 'x'", "Correct what")],
)
def test_any_other_answer_of_the_daemon_is_shown(status: int, answer: str, way_on: str) -> None:
    """The daemon's own words come first, and what to do depends on whether it has no such object."""
    response = Response()
    response.status_code = status
    shown = client_errors.of_error((NotFound if status == 404 else APIError)("x", response, answer))
    assert isinstance(shown, RequestRefused)
    assert answer in shown.what
    assert shown.next.startswith(way_on)


@pytest.mark.parametrize(
    ("command", "output", "words"),
    [
        (
            "touch /data/x",
            b"touch: /data/x: Read-only file system\n",
            ["`touch /data/x` failed", "Read-only file system"],
        ),
        (["sh", "-c", "exit 3"], None, ["`sh -c 'exit 3'` failed", "It printed no error."]),
    ],
)
def test_a_command_that_failed_in_a_container(command: str | list[str], output: bytes | None, words: list[str]) -> None:
    """The message has the command, its exit code and what it printed."""
    error = ContainerError(None, 3, command, "drydock/busybox:1.37", output)  # type: ignore[arg-type]
    shown = client_errors.of_error(error)
    assert isinstance(shown, ContainerCommandFailed)
    assert [word for word in [*words, "exit code 3"] if word not in str(shown)] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"port": {}}, ["unexpected keyword argument 'port'", "docker-py's name is `ports`."]),
        ({"env": ["A=1"]}, ["argument 'env'", "docker-py's name is `environment`."]),
        ({"mem_limt": "6m"}, ["argument 'mem_limt'", "docker-py's name is `mem_limit`."]),
        ({"zzzz": 1}, ["argument 'zzzz'", "Place the cursor"]),
        ({"ports": 8080}, ["'int' object has no attribute 'items'", "The daemon got no request."]),
    ],
)
def test_a_call_that_docker_py_refuses(arguments: dict[str, Any], words: list[str]) -> None:
    """A wrong argument leads to its right name, or to the arguments there are."""
    with closing(docker.DockerClient("unix:///nowhere", version="1.41")) as client:
        with pytest.raises((TypeError, AttributeError)) as raised:
            client.containers.run("drydock/busybox:1.37", **arguments)
        shown = client_errors.of_error(raised.value)
        with pytest.raises(AttributeError) as looked_up:
            client.run  # noqa: B018
    assert isinstance(shown, CallRefused)
    assert [word for word in words if word not in str(shown)] == []
    assert client_errors.of_error(looked_up.value) is None


def test_an_error_other_than_the_expected_one_keeps_its_message() -> None:
    """`%%expect` names both errors, so its own error is shown also where docker-py raised the other."""
    response = Response()
    response.status_code = 404
    error = NotAsExpected("expected: APIError, raised: NotFound")
    error.__cause__ = NotFound("x", response, "get precios: no such volume")
    assert client_errors.of_error(error) is None
