"""A request to a daemon, and the reasons that a person gets when none answers."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from pathlib import Path

import pytest
import requests

from drydock.core import ping
from drydock.core.endpoint import Endpoint
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
