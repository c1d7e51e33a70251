"""Health checks, in a machine: useful ones, and ones that notice nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.execution.container_errors import ContainerEnded
from autograder.probes import health
from autograder.sandbox.machine_sandbox import MachineSandbox
from drydock.core.waiting import wait_for

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]

SERVE = ["sh", "-c", "mkdir /site; echo well > /site/health; exec httpd -f -p 80 -h /site"]
ASK = "wget -q -T 2 -O - http://127.0.0.1/health"
Serve = Callable[..., Container]


@pytest.fixture(scope="module")
def context() -> Iterator[CheckContext]:
    """The check context of one machine for all tests."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as client:
        yield CheckContext(client, sandbox.reach, "a-token")


@pytest.fixture
def serve(context: CheckContext) -> Iterator[Serve]:
    """Starts a small server with a health check, asked each second by default."""
    started = list[Container]()

    def start(test: Any, **more: Any) -> Container:
        health = {"test": test, "interval": 1_000_000_000, **more} if test else None
        image = "drydock/busybox:1.37"
        started.append(context.docker.containers.run(image, SERVE, detach=True, healthcheck=health, stop_signal="KILL"))
        return started[-1]

    yield start
    for container in started:
        container.remove(force=True)


@pytest.mark.parametrize(
    ("test", "command"),
    [
        (["CMD", "true"], ["true"]),
        (["CMD-SHELL", ASK], ["/bin/sh", "-c", ASK]),
        (["NONE"], []),
        (None, []),
    ],
)
def test_its_command(serve: Serve, test: Any, command: list[str]) -> None:
    """As Docker would run it; none where there is none."""
    container = serve(test)
    container.reload()
    assert health.command(container) == command


def test_what_docker_says(context: CheckContext, serve: Serve) -> None:
    """Its word for the health, the check's last words, and for how long the container has run."""
    container = serve(["CMD-SHELL", ASK])
    wait_for(lambda: health.status(container) == "healthy", "health", seconds=60)
    assert health.last_words(container) == "well"
    assert 0 < health.age(context, container).total_seconds() < 60


def test_without_a_check_there_is_nothing_to_say(serve: Serve) -> None:
    """No status and no words."""
    container = serve(None)
    assert (health.status(container), health.last_words(container)) == ("", "")


def test_who_asks_notices_a_hang(context: CheckContext, serve: Serve) -> None:
    """A check that waits for an answer notices what hangs; one that only looks for a process, or says yes, does not."""
    asks = serve(["CMD-SHELL", ASK])
    waits = serve(["CMD-SHELL", ASK.replace("-T 2", "-T 600")])
    looks = serve(["CMD-SHELL", "pidof httpd"])
    nods = serve(["CMD", "true"])
    assert health.blind(context, [asks, waits, looks, nods]) == [looks, nods]


def test_after_that_it_goes_on(context: CheckContext, serve: Serve) -> None:
    """What was stopped answers again."""
    container = serve(["CMD-SHELL", ASK])
    health.blind(context, [container])
    wait_for(lambda: container.exec_run(["sh", "-c", ASK]).output == b"well\n", "an answer", seconds=60)


def test_what_has_ended_is_asked_nothing(context: CheckContext, serve: Serve) -> None:
    """That it ended is the student's doing, and the check's other containers go on."""
    ended, runs = serve(["CMD", "true"]), serve(["CMD", "true"])
    ended.kill()
    ended.wait(timeout=60)
    with pytest.raises(ContainerEnded):
        health.blind(context, [runs, ended])
    assert runs.exec_run("true").exit_code == 0


def test_a_command_that_is_not_there_has_failed(context: CheckContext, serve: Serve) -> None:
    """The reason has Docker's words."""
    container = serve(["CMD", "no-such-program"])
    with pytest.raises(Failed, match=r"can't be started: .*no-such-program"):
        health.blind(context, [container])
