"""What a container said last, as a reason quotes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from docker import DockerClient
from docker.models.containers import Container
from docker.types import LogConfig

from autograder.probes import logs
from drydock.core.waiting import wait_for
from tests.machines import BUSYBOX, MINE

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]


@contextmanager
def after(client: DockerClient, script: str, driver: str = "json-file") -> Iterator[Container]:
    """A container that ran a script and ended."""
    container = client.containers.create(BUSYBOX, ["sh", "-c", script], labels=MINE, log_config=LogConfig(type=driver))
    try:
        container.start()
        container.wait(timeout=60)
        container.reload()
        yield container
    finally:
        container.remove(force=True)


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("echo denied; echo -----", "It last printed: 'denied'"),
        ("echo warned >&2", "It last printed: 'warned'"),
        ("printf '%0300d' 0 | tr 0 x", f"It last printed: '{'x' * 200}'"),
        ("echo 42; echo -----", "It last printed: '-----'"),
        ("true", "It printed nothing."),
    ],
)
def test_the_last_line_that_tells_something(client: DockerClient, script: str, line: str) -> None:
    """Of either output, cut where it gets long; a line of dashes only if there is no other line."""
    with after(client, script) as container:
        assert logs.last_printed(container) == line


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("echo broken >&2; echo begun; exit 1", "It last printed: 'broken'"),
        ("echo begun; echo broken >&2; exit 1", "It last printed: 'broken'"),
        ("echo broken; exit 1", "It last printed: 'broken'"),
    ],
)
def test_why_it_ended_stands_on_its_error_output(client: DockerClient, script: str, line: str) -> None:
    """Whichever order Docker read the two outputs in; where that one is empty, the other has to do."""
    with after(client, script) as container:
        assert logs.last_printed(container) == line


def test_the_later_of_two_outputs(client: DockerClient) -> None:
    """What ends well, or runs, is quoted by what came last, on whichever output it came."""
    script = "echo warned >&2; until [ -e /go ]; do sleep 0.1; done; echo done"
    container = client.containers.run(BUSYBOX, ["sh", "-c", script], detach=True, labels=MINE)
    try:
        wait_for(
            lambda: logs.last_printed(container) == "It last printed: 'warned'", "the first of two lines", seconds=60
        )
        assert container.exec_run(["touch", "/go"]).exit_code == 0
        container.wait(timeout=60)
        container.reload()
        assert logs.last_printed(container) == "It last printed: 'done'"
    finally:
        container.remove(force=True)


def test_a_log_that_nobody_can_read(client: DockerClient) -> None:
    """A log driver that keeps nothing is like a container that printed nothing, and breaks no check."""
    with after(client, "echo well", driver="none") as container:
        assert logs.lines(container) == []
        assert logs.last_printed(container) == "It printed nothing."
