"""Does a daemon answer there, and if not, what can a person do about it?"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
import requests

from drydock.core import ping
from drydock.core.endpoint import Endpoint
from tests.drydock.conftest import answering


@pytest.mark.host
def test_a_daemon_tells_its_version(host: Endpoint) -> None:
    """A daemon that answers says which it is."""
    assert ping.version(host)["ApiVersion"]


def test_no_socket(tmp_path: Path) -> None:
    """A socket that isn't there is named."""
    with pytest.raises(ping.Silent, match=r"there is no (socket at|file) .*nowhere"):
        ping.version(Endpoint(f"unix://{tmp_path}/nowhere"))


def test_nobody_listens() -> None:
    """A port at which nothing listens is said to be that."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ping.Silent, match=f"nothing listens at {address}"):
            ping.version(Endpoint(address))


def test_a_server_that_is_no_docker() -> None:
    """Whatever else answers is told apart from a daemon."""
    with (
        answering(b"220 mail.example ready\r\n") as address,
        pytest.raises(ping.Silent, match="as a Docker daemon does"),
    ):
        ping.version(Endpoint(address))


def test_one_that_never_answers() -> None:
    """Who stays silent costs a moment, not a minute."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with pytest.raises(ping.Silent, match="did not answer within"):
            ping.version(Endpoint(f"tcp://127.0.0.1:{server.getsockname()[1]}"), seconds=0.2)


def test_missing_certificates(tmp_path: Path) -> None:
    """Certificates that aren't there are missed by name, and not with a traceback."""
    with pytest.raises(ping.Silent, match=r"cert\.pem|certificate|TLS"):
        ping.version(Endpoint("tcp://127.0.0.1:1", tmp_path))


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (PermissionError(13, "Permission denied"), "usermod -aG docker"),
        (ssl.SSLError(1, "certificate verify failed"), "do not trust each other"),
        (socket.gaierror(-2, "Name or service not known"), "is unknown here"),
        (ValueError("Client sent an HTTP request to an HTTPS server."), "set DOCKER_TLS_VERIFY=1"),
        (ValueError("odd"), "as a Docker daemon does: odd"),
    ],
)
def test_the_innermost_cause_is_told(cause: Exception, said: str) -> None:
    """However deep libraries wrap it, the cause that a person can act on is what they read."""
    wrapped = requests.ConnectionError(RuntimeError("Connection aborted.", cause))
    assert said in ping.explain("tcp://somewhere:2375", wrapped)
