"""The sandbox, and the client that reads no endless answers."""

from __future__ import annotations

import socketserver
from collections.abc import Callable
from contextlib import closing

import pytest
import requests
from docker import DockerClient

from autograder.errors import TooLarge
from autograder.grade import grade_one
from autograder.sandbox.machine_sandbox import INNER, MachineSandbox, bounded
from autograder.submission import Submission
from drydock.core.endpoint import Endpoint
from drydock.machine.isolation import backends
from tests.autograder.conftest import load_assignment, notebook_named, serving
from tests.machines import BUSYBOX


def pour(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that answers without end."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        line.wfile.write(b'"x",' * 65536)


def test_an_endless_answer_of_the_daemon_is_refused() -> None:
    """The daemon is the submission's; it must not fill the grader's memory."""
    with serving(pour) as port:
        client = bounded(DockerClient(base_url=f"tcp://127.0.0.1:{port}", version="1.41"))
        with closing(client), pytest.raises(TooLarge, match="16 MB"):
            client.containers.list(sparse=True)


def stop_answering(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that ends in the middle of an answer."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[")


def fall_silent(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that sends no more than the beginning of an answer."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[")
    line.rfile.read()


@pytest.mark.parametrize(
    ("daemon", "error"), [(stop_answering, requests.ConnectionError), (fall_silent, requests.ReadTimeout)]
)
def test_half_an_answer_is_an_error_of_the_connection(
    daemon: Callable[[socketserver.StreamRequestHandler], None], error: type[Exception]
) -> None:
    """Grading knows these errors: the daemon is asked again, and if it is gone, the submission has crashed."""
    with serving(daemon) as port:
        client = bounded(DockerClient(base_url=f"tcp://127.0.0.1:{port}", version="1.41", timeout=1))
        with closing(client), pytest.raises(error):
            client.containers.list(sparse=True)


@pytest.mark.host
def test_an_ordinary_answer_is_read(host: Endpoint) -> None:
    """The limit changes nothing for an honest daemon."""
    with closing(bounded(host.client())) as client:
        assert client.ping()
        assert client.version()["ApiVersion"]


@pytest.mark.live
@pytest.mark.isolation
def test_a_machine_is_a_sandbox() -> None:
    """It has a daemon of its own with the images of the course, and nothing of anybody else's, inside all layers."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as client:
        assert client.containers.list(all=True) == []
        assert client.images.get("drydock/kernel:1")
        assert sandbox.isolation == (backends.choose().NAME, *INNER)
        known = client.containers.run(BUSYBOX, ["cat", "/proc/filesystems"], privileged=True, remove=True)
        assert b"hostfs" not in known


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.host
@pytest.mark.isolation("container")
@pytest.mark.timeout(300)
def test_a_container_isolates_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Perfect work gets all points there, and its verdict names the layers."""
    monkeypatch.setenv(backends.VARIABLE, "container")
    verdict = grade_one(Submission("ada", "service", notebook_named("perfect")), MachineSandbox(), load_assignment())
    assert (verdict.state, verdict.score) == ("graded", verdict.max)
    assert verdict.isolation == ("container", "machine", "proxy")


@pytest.mark.live
def test_without_isolation_it_says_so() -> None:
    """Without isolation there is still a machine, and no other layer is named."""
    with MachineSandbox(isolated=False) as sandbox, closing(sandbox.client()) as client:
        assert client.ping()
        assert sandbox.isolation == ("machine",)
