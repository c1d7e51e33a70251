"""A request to a daemon, and the reasons that a person gets when none answers."""

from __future__ import annotations

import errno
import re
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
import requests

from drydock.core import ping
from drydock.core.endpoint import Endpoint
from drydock.errors import DockerConfigDamaged
from tests.drydock.conftest import answering


@pytest.mark.host
def test_version(host: Endpoint) -> None:
    """A daemon that answers returns its version."""
    assert ping.version(host)["ApiVersion"]


def test_missing_socket(tmp_path: Path) -> None:
    """The reason for a missing socket has its path."""
    with pytest.raises(ping.Unreachable, match=r"there is no (socket at|file) .*nowhere"):
        ping.version(Endpoint(f"unix://{tmp_path}/nowhere"))


def test_an_ssh_address_without_its_package() -> None:
    """docker-py needs paramiko for it, and only says that a name is not defined."""
    with pytest.raises(ping.Unreachable, match=r"pip install 'docker\[ssh\]'"):
        ping.version(Endpoint("ssh://nobody@127.0.0.1"))


def test_closed_port() -> None:
    """The reason for a closed port is that nothing listens there."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ping.Unreachable, match=f"nothing listens at {address}"):
            ping.version(Endpoint(address))


def test_server_that_is_not_docker() -> None:
    """The reason for another kind of server is that its answer is not a Docker daemon's."""
    with (
        answering(b"220 mail.example ready\r\n") as address,
        pytest.raises(ping.Unreachable, match="is not a Docker daemon's"),
    ):
        ping.version(Endpoint(address))


@pytest.mark.parametrize("body", [b"{}", b"[]", b'"x"', b'{"ApiVersion": null}'])
def test_another_server_with_json(body: bytes) -> None:
    """A service that answers every request with JSON is no Docker daemon."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with (
        answering(head + body) as address,
        pytest.raises(ping.Unreachable, match="is not a Docker daemon's: it has no"),
    ):
        ping.version(Endpoint(address))


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_server_that_never_ends_its_answer(head: bytes) -> None:
    """A server that goes on sending bytes, in the head or the body, is given up at a deadline."""
    closed = threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(head)
            while not closed.wait(0.05):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with pytest.raises(ping.Unreachable, match="is not a Docker daemon's: it did not end within 1 s"):
                ping.version(Endpoint(f"tcp://127.0.0.1:{server.getsockname()[1]}"), seconds=0.2)
        finally:
            closed.set()
            thread.join()


def raising(error: Exception) -> Callable[..., NoReturn]:
    """Return a function that raises the error."""

    def fail(*arguments: object) -> NoReturn:
        raise error

    return fail


class SSHException(Exception):
    """An error as paramiko raises it, which is no OSError."""


@pytest.mark.parametrize(
    ("error", "text"), [(SSHException("Authentication failed."), "Authentication failed."), (EOFError(), "EOFError")]
)
def test_a_connection_by_ssh_that_fails(monkeypatch: pytest.MonkeyPatch, error: Exception, text: str) -> None:
    """The errors of paramiko are reasons, without importing it."""
    monkeypatch.setitem(sys.modules, "paramiko.ssh_exception", SimpleNamespace(SSHException=SSHException))
    monkeypatch.setattr(Endpoint, "version", raising(error))
    with pytest.raises(ping.Unreachable, match=f"is not a Docker daemon's: {text}"):
        ping.version(Endpoint("ssh://nobody@127.0.0.1"))


def test_a_bug_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that neither the system nor docker-py raises keeps its traceback; a damaged config.json its message."""
    for error in (ZeroDivisionError(), DockerConfigDamaged("config.json", "TypeError")):
        monkeypatch.setattr(Endpoint, "version", raising(error))
        with pytest.raises(type(error)):
            ping.version(Endpoint("tcp://127.0.0.1:1"))


def test_server_that_never_answers() -> None:
    """A server that accepts the connection and never answers is given up after the timeout."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with pytest.raises(ping.Unreachable, match="did not answer within"):
            ping.version(Endpoint(f"tcp://127.0.0.1:{server.getsockname()[1]}"), seconds=0.2)


def test_missing_certificates(tmp_path: Path) -> None:
    """The reason for missing certificates names them."""
    with pytest.raises(ping.Unreachable, match=r"cert\.pem|certificate|TLS"):
        ping.version(Endpoint("tcp://127.0.0.1:1", tmp_path))


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:99999", "tcp://127.0.0.1:port", "tcp://[::1"])
def test_an_address_that_is_none(host: str) -> None:
    """The reason names it, whatever the settings of Docker are."""
    with pytest.raises(ping.Unreachable, match=f"^{re.escape(host)} is not an address"):
        ping.version(Endpoint(host))


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (PermissionError(13, "Permission denied"), "usermod -aG docker"),
        (ssl.SSLError(1, "certificate verify failed"), "the TLS connection to"),
        (socket.gaierror(-2, "Name or service not known"), "can't be resolved"),
        (ValueError("Client sent an HTTP request to an HTTPS server."), "set DOCKER_TLS_VERIFY=1"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "there is no way to tcp://somewhere:2375: No route"),
        (ValueError("odd"), "is not a Docker daemon's: odd"),
    ],
)
def test_reason_is_the_innermost_cause(cause: Exception, text: str) -> None:
    """However deep libraries wrap an error, its reason is the cause that a person can act on."""
    wrapped = requests.ConnectionError(RuntimeError("Connection aborted.", cause))
    assert text in ping.reason("tcp://somewhere:2375", wrapped)
