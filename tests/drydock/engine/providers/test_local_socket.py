"""The third place: a socket on this computer."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from drydock.engine.providers import local_socket
from tests.drydock.conftest import answering


def test_no_socket_anywhere(bare: pytest.MonkeyPatch) -> None:
    """Where there is none, that is the reason."""
    assert local_socket.ask().reason == "there is none in the usual places"


@pytest.mark.host
def test_the_first_that_answers_is_taken(bare: pytest.MonkeyPatch, tmp_path: Path, host: Endpoint) -> None:
    """A silent socket is passed by when there is one that answers."""
    runtime = tmp_path / "run"
    runtime.mkdir()
    (runtime / "docker.sock").symlink_to(host.host.removeprefix("unix://"))
    bare.setenv("XDG_RUNTIME_DIR", str(runtime))
    (tmp_path / "docker.sock").touch()
    answer = local_socket.ask()
    assert answer.endpoint == Endpoint(f"unix://{runtime}/docker.sock")


def test_each_that_declined_is_told(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A socket that is there and silent is named with its reason."""
    with answering(b"") as address:
        bare.setattr(local_socket, "SYSTEM", Path(address.removeprefix("unix://")))
        answer = local_socket.ask()
    assert not answer.usable
    assert address in answer.reason


def test_desktops_own_sockets_are_known(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Docker Desktop keeps its sockets in the user's own folder."""
    for name in ("run", "desktop"):
        place = tmp_path / ".docker" / name / "docker.sock"
        place.parent.mkdir(parents=True)
        place.touch()
    assert [endpoint.host.rsplit("/.docker/")[1] for endpoint in local_socket.sockets()] == [
        "run/docker.sock",
        "desktop/docker.sock",
    ]


def test_windows_has_a_pipe(bare: pytest.MonkeyPatch) -> None:
    """On Windows it is a named pipe instead."""
    bare.setattr(platform, "system", lambda: "Windows")
    assert local_socket.sockets() == [Endpoint("npipe:////./pipe/docker_engine")]
