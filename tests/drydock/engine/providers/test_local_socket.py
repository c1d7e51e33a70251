"""The third provider: a socket on this computer."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from drydock.engine.providers import local_socket
from tests.drydock.conftest import answering


def test_no_socket(no_docker: pytest.MonkeyPatch) -> None:
    """If there is no socket, that is the reason."""
    assert local_socket.detect().reason == "there is none in the usual places"


@pytest.mark.host
def test_first_socket_that_answers(no_docker: pytest.MonkeyPatch, tmp_path: Path, host: Endpoint) -> None:
    """A socket at which no daemon answers is skipped if there is another one."""
    runtime = tmp_path / "run"
    runtime.mkdir()
    (runtime / "docker.sock").symlink_to(host.host.removeprefix("unix://"))
    no_docker.setenv("XDG_RUNTIME_DIR", str(runtime))
    (tmp_path / "docker.sock").touch()
    candidate = local_socket.detect()
    assert candidate.endpoint == Endpoint(f"unix://{runtime}/docker.sock")


def test_socket_of_another_server(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason for a socket that exists and is not a daemon's has its address."""
    with answering(b"") as address:
        no_docker.setattr(local_socket, "SYSTEM_SOCKET", Path(address.removeprefix("unix://")))
        candidate = local_socket.detect()
    assert not candidate.usable
    assert address in candidate.reason


def test_sockets_of_docker_desktop(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Docker Desktop's sockets are in the user's home folder."""
    for name in ("run", "desktop"):
        path = tmp_path / ".docker" / name / "docker.sock"
        path.parent.mkdir(parents=True)
        path.touch()
    assert [endpoint.host.rsplit("/.docker/")[1] for endpoint in local_socket.sockets()] == [
        "run/docker.sock",
        "desktop/docker.sock",
    ]


def test_named_pipe_on_windows(no_docker: pytest.MonkeyPatch) -> None:
    """On Windows the daemon has a named pipe."""
    no_docker.setattr(platform, "system", lambda: "Windows")
    assert local_socket.sockets() == [Endpoint("npipe:////./pipe/docker_engine")]
