"""Test containers of a student's image, in a machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from docker.models.containers import Container
from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.execution import archives
from autograder.execution.container_errors import ContainerEnded
from autograder.execution.workspace import left
from autograder.probes.container_probe import SOON, ask, beside, cut_off, hang, output_of, printed_by, running, turns
from autograder.sandbox.machine_sandbox import MachineSandbox

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]

SERVE = "mkdir /site; echo a page > /site/index.html; exec httpd -f -p 8000 -h /site"
PROBE = {**SOON, "test": ["CMD-SHELL", "wget -q -T 2 -O - http://127.0.0.1:8000/"]}


@pytest.fixture
def context(sandbox: MachineSandbox) -> Iterator[CheckContext]:
    """A daemon in which nothing is left of a trial, not even the image's own volumes."""
    with closing(sandbox.client()) as client:
        yield CheckContext(client, sandbox.reach, "a-token")
        assert client.containers.list(all=True) == []
        assert client.volumes.list() == []


def image(context: CheckContext) -> Image:
    """The image that is tried."""
    return context.docker.images.get("drydock/busybox:1.37")


def serving(**settings: Any) -> dict[str, Any]:
    """What makes the image serve a page."""
    return {"command": ["sh", "-c", SERVE], **settings}


def test_it_is_asked_over_its_own_loopback(context: CheckContext) -> None:
    """There is no other network, and still it answers."""
    with running(context, image(context), **serving(volumes=["/data"])) as container:
        assert ask(context, container, 8000) == "a page\n"
        code, names = beside(context, container, "ls /sys/class/net; cat /proc/1/cmdline")
    assert code == 0
    assert names.startswith("lo\n")
    assert "httpd" in names


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"command": ["sh", "-c", "echo no page today; exit 3"]},
            "It ended with exit code 3. It last printed: 'no page",
        ),
        ({"command": ["sleep", "60"]}, "It runs."),
        ({"command": ["sh", "-c", "echo denied; echo -----; sleep 60"]}, "It runs. It last printed: 'denied'"),
        (serving(network_mode="none", environment={}), ""),
        ({"command": ["no-such-program"]}, "It does not start"),
        ({"user": "kim"}, "unable to find user kim"),
        ({"command": ["true"], "mem_limit": "1k"}, "No container can be made of it"),
    ],
)
def test_what_gives_no_page_is_told(context: CheckContext, settings: dict[str, Any], words: str) -> None:
    """With how it ended, and its last words."""
    with pytest.raises(Failed) as failed, running(context, image(context), **settings) as container:
        ask(context, container, 8000, "/index.html" if words else "/no-such-page")
    assert words in failed.value.reason
    assert failed.value.hint


def test_what_it_prints_is_told(context: CheckContext) -> None:
    """When it has ended; one that goes on has failed."""
    assert output_of(context, image(context), "echo", "two  words") == "two  words\n"
    with pytest.raises(Failed, match="still ran after 1 s"):
        output_of(context, image(context), "sleep", "60", seconds=1)


@pytest.mark.parametrize("fail", [hang, cut_off])
def test_who_fails_turns_unhealthy(context: CheckContext, fail: Callable[[CheckContext, Container], None]) -> None:
    """Health is the result of the image's own check, whose output is quoted when the status does not come."""
    with running(context, image(context), **serving(healthcheck=PROBE)) as container:
        assert turns(container, "healthy") is None
        fail(context, container)
        assert turns(container, "unhealthy") is None


@pytest.mark.nightly
def test_who_stays_healthy_is_told(context: CheckContext) -> None:
    """With the last words of the health check."""
    probe = {**SOON, "test": ["CMD", "echo", "all is well"]}
    with running(context, image(context), **serving(healthcheck=probe)) as container:
        assert turns(container, "unhealthy") == "all is well"


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ("USER kim", "`USER`"),
        ("USER 7:staff-of-the-port", "`USER`"),
        ("VOLUME /", "`VOLUME`"),
        ("RUN rm -rf /bin", "CMD"),
    ],
)
def test_an_image_in_which_nothing_starts_is_told(context: CheckContext, lines: str, hint: str) -> None:
    """Whatever the Dockerfile did to the image, it is the student's check that fails, in Docker's words."""
    folder = archives.packed({"Dockerfile": f"FROM drydock/busybox:1.37\n{lines}\n".encode()})
    with closing(left(context.docker, folder)) as work:
        built = work.build()
        assert built.image, built.log
        with pytest.raises(Failed) as failed:
            printed_by(context, context.docker.images.get(built.image), "echo hello", seconds=20)
    assert hint in failed.value.hint


def test_what_a_script_prints_is_returned(context: CheckContext) -> None:
    """Also when it did not end in time."""
    assert printed_by(context, image(context), "echo one; echo two", seconds=20) == "one\ntwo\n"
    assert printed_by(context, image(context), "echo one; sleep 60", seconds=2) == "one\n"


def test_what_ends_while_it_is_asked_has_ended(context: CheckContext) -> None:
    """A script beside it, and a signal, need it to run; in a container of ours alone nothing is excused."""
    with running(context, image(context), command=["true"]) as container:
        container.wait(timeout=60)
        with pytest.raises(ContainerEnded):
            beside(context, container, "true")
        with pytest.raises(ContainerEnded):
            cut_off(context, container)
        with pytest.raises(Failed, match="It ended with exit code 0"):
            ask(context, container, 8000)
