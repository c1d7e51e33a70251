"""What a check gets to look at, with servers that misbehave as a submission's may."""

from __future__ import annotations

import socketserver
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import cast

import pytest
from docker import DockerClient

from autograder.checks.context import CheckContext, NoAnswer
from autograder.sandbox.machine_sandbox import MachineSandbox
from drydock.core.paths import LABEL
from tests.autograder.conftest import serving

Line = socketserver.StreamRequestHandler
CONTEXT = CheckContext(cast(DockerClient, None), lambda port, _: ("127.0.0.1", port), "a-token")


def say(line: Line, words: bytes) -> None:
    """Read the request and answer with these bytes."""
    line.rfile.readline()
    line.wfile.write(words)


def echo(line: Line) -> None:
    """Answer with the first line of the request."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + line.rfile.readline())


def drip(line: Line) -> None:
    """Answer so slowly that every byte is in time and the whole never is."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    while True:
        line.wfile.write(b".")
        line.wfile.flush()
        time.sleep(0.05)  # the pace of the misbehaviour, not a wait


def listen(line: Line) -> None:
    """Never answer."""
    line.rfile.read()


def pour(line: Line) -> None:
    """Answer without end."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    while True:
        line.wfile.write(b"x" * 65536)


def test_an_answer_is_status_and_body() -> None:
    """What a check looks at."""
    with serving(lambda line: say(line, b"HTTP/1.0 418 Teapot\r\n\r\nshort and stout")) as port:
        answer = CONTEXT.fetch(port)
    assert (answer.status, answer.text) == (418, "short and stout")


def test_the_path_is_asked_for() -> None:
    """A check may ask for a page that nobody could guess."""
    with serving(echo) as port:
        assert CONTEXT.fetch(port, "/a/path").text.startswith("GET /a/path HTTP/1.1")


def test_a_check_may_bring_something() -> None:
    """With another method than GET, and a body."""

    def repeat(line: Line) -> None:
        first = line.rfile.readline()
        while line.rfile.readline().strip():
            pass
        line.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + first[:3] + line.rfile.read(5))

    with serving(repeat) as port:
        assert CONTEXT.fetch(port, method="PUT", body=b" ship").text == "PUT ship"


def test_a_redirect_is_not_followed() -> None:
    """It could lead anywhere, into the grader's own network too."""
    with serving(lambda line: say(line, b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")) as port:
        assert CONTEXT.fetch(port).status == 302


def test_a_dripping_answer_ends_at_the_deadline() -> None:
    """The deadline is for the whole exchange, not for each byte."""
    began = time.monotonic()
    with serving(drip) as port:
        CONTEXT.fetch(port, seconds=0.5)
    assert time.monotonic() - began < 30


def test_an_endless_answer_is_cut() -> None:
    """One megabyte is kept."""
    with serving(pour) as port:
        assert len(CONTEXT.fetch(port).body) == 1 << 20


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (b"", "closed without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nonly", "cut short"),
        (b"HTTP/1.0 200 OK\r\n" + b"A: b\r\n" * 1000, "does not speak HTTP"),
    ],
)
def test_what_is_no_answer_is_told(words: bytes, reason: str) -> None:
    """The words can go into a reason as they are."""
    with serving(lambda line: say(line, words)) as port, pytest.raises(NoAnswer, match=reason):
        CONTEXT.fetch(port)


def test_a_silent_server_is_no_answer() -> None:
    """A server that never answers times out; the closed connection is not reported as the server's."""
    with serving(listen) as port, pytest.raises(NoAnswer, match="no answer within 1 s"):
        CONTEXT.fetch(port, seconds=0.6)


def test_a_closed_port_is_no_answer() -> None:
    """Nobody listens there any more."""
    with serving(lambda line: None) as port:
        pass
    with pytest.raises(NoAnswer, match="refused"):
        CONTEXT.fetch(port)


def test_holding_means_all_the_time() -> None:
    """A condition that is true at first and not later does not hold."""
    answers = iter([True, False])
    assert not CONTEXT.holds(lambda: next(answers), seconds=5)
    assert CONTEXT.holds(lambda: True, seconds=0.3)


@pytest.fixture(scope="module")
def machine() -> Iterator[CheckContext]:
    """The check context of a machine."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as client:
        yield CheckContext(client, sandbox.reach, "a-token")


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_a_script_runs_in_a_container_of_ours(machine: CheckContext) -> None:
    """The exit code and the output are returned, and the container is removed."""
    assert machine.run("echo hi; exit 3", network_mode="none") == (3, "hi\n")
    assert machine.run("psql --version", image="drydock/postgres:17")[1].startswith("psql (PostgreSQL) 17.")
    assert machine.docker.containers.list(all=True) == []


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_names_leave_out_only_containers_of_the_grader(machine: CheckContext) -> None:
    """A submission's container has the same label with another value, from the proxy or from an image of the course."""
    owners = {"ours": "autograder", "theirs": "submission", "from-the-course": "images"}
    containers = [
        machine.docker.containers.create("drydock/busybox:1.37", name=name, labels={LABEL: owner})
        for name, owner in owners.items()
    ]
    try:
        assert machine.names() == ["from-the-course", "theirs"]
    finally:
        for container in containers:
            container.remove()


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_an_image_is_the_one_that_had_its_name_before(machine: CheckContext) -> None:
    """A notebook may give the name of ours to an image of its own."""
    name, client = "drydock/busybox:1.37", machine.docker
    ours = client.images.get(name)
    client.images.get("drydock/debian:13").tag(name)
    try:
        pinned = replace(machine, images={name: str(ours.id)})
        assert machine.run("ls /bin/bash")[0] == 0
        assert pinned.run("ls /bin/bash")[0] != 0
    finally:
        ours.tag(name)


def test_a_word_is_the_same_for_one_run_only() -> None:
    """And not made of the token, which the student knows."""
    other = CheckContext(CONTEXT.docker, CONTEXT.reach, CONTEXT.token)
    assert CONTEXT.word("key") == CONTEXT.word("key") != CONTEXT.word("press")
    assert CONTEXT.word("key") != other.word("key")


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.timeout(300)
def test_a_script_that_does_not_end_is_ended(machine: CheckContext) -> None:
    """Its exit code is none, and it is gone."""
    assert machine.run("echo begun; sleep 100", seconds=3) == (None, "begun\n")
    assert machine.docker.containers.list(all=True) == []
