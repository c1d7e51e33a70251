"""Waiting for the end of a container."""

from __future__ import annotations

import json
import socketserver
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
import requests
from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from autograder.execution.container_waiting import exit_code
from autograder.sandbox.bounded_client import bounded
from tests.autograder.conftest import serving

Answer = Callable[[socketserver.StreamRequestHandler], None]

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


def ends(answer: bytes) -> Answer:
    """A daemon that sends the head of its answer at once, and this when the container has ended."""

    def serve(line: socketserver.StreamRequestHandler) -> None:
        line.wfile.write(_HEAD)
        time.sleep(0.1)  # the container's work, not a wait
        line.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(answer), answer))

    return serve


def silent(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that sends nothing before the client disconnects."""
    line.rfile.read()


def unfinished(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that sends the head of its answer, and nothing before the client disconnects."""
    line.wfile.write(_HEAD)
    line.rfile.read()


def broken(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that ends while the container runs."""
    line.wfile.write(_HEAD + b"5\r\n{")


def gone(line: socketserver.StreamRequestHandler) -> None:
    """A daemon without that container."""
    body = b'{"message": "No such container: c"}'
    line.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n")
    line.wfile.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body))


@contextmanager
def container(answer: Answer, *, limited: bool = True) -> Iterator[Container]:
    """A container of such a daemon, for a client with or without limits."""
    with serving(answer) as port:
        client = DockerClient(base_url=f"tcp://127.0.0.1:{port}", version="1.41")
        with closing(bounded(client) if limited else client):
            yield Container(attrs={"Id": "c"}, client=client)


@pytest.mark.parametrize(
    ("answer", "code"), [({"StatusCode": 3}, 3), ({"StatusCode": "3"}, -1), ({}, -1), ([], -1)], ids=str
)
@pytest.mark.parametrize("limited", [True, False])
def test_the_code_comes_with_the_end(answer: object, code: int, limited: bool) -> None:
    """The exit code is a number, whatever the daemon answers."""
    with container(ends(json.dumps(answer).encode()), limited=limited) as running:
        assert exit_code(running, 20) == code


@pytest.mark.parametrize("answer", [silent, unfinished])
@pytest.mark.parametrize("limited", [True, False])
def test_one_that_still_runs_has_none(answer: Answer, limited: bool) -> None:
    """Whether the daemon sends the head of its answer before the end, as dockerd does, or not."""
    with container(answer, limited=limited) as running:
        assert exit_code(running, 0.3) is None


def test_a_daemon_that_ends_meanwhile_is_gone() -> None:
    """A broken connection is no container that still runs."""
    with container(broken) as running, pytest.raises(requests.ConnectionError):
        exit_code(running, 20)


def test_a_container_that_was_removed_is_not_there() -> None:
    """The caller decides what that means."""
    with container(gone) as running, pytest.raises(NotFound):
        exit_code(running, 20)
