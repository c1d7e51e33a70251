"""Fixtures that hide this computer's Docker, and small servers that do not answer as Docker daemons."""

from __future__ import annotations

import os
import platform
import pwd
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest

from drydock.core import environment
from drydock.core.paths import cache_folder, socket_folder
from drydock.engine.providers import local_socket


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment, a home folder and a system socket without any Docker."""
    environment.restore()  # an earlier test of this worker may have used a machine's endpoint
    for name in [name for name in os.environ if name.startswith(("DOCKER_", "DRYDOCK_"))]:
        if name != "DRYDOCK_TEST_SESSION":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder().parent))  # else a machine's parts would be built again
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(local_socket, "SYSTEM_SOCKET", tmp_path / "docker.sock")
    return monkeypatch


@pytest.fixture
def no_home(no_docker: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The same for a user whom the system does not know, as in a container with a user's number only."""

    def unknown(number: int) -> NoReturn:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    for name in ("HOME", "XDG_CACHE_HOME"):
        no_docker.delenv(name)
    no_docker.setattr(pwd, "getpwuid", unknown)
    return no_docker


@pytest.fixture
def no_machines(no_docker: pytest.MonkeyPatch) -> None:
    """The same on a platform on which Drydock machines can't run."""
    no_docker.setattr(platform, "system", lambda: "Darwin")


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Yield the address of a server that sends the same answer to every request, or closes the connection if empty."""
    folder = socket_folder("test")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "s"))
        server.listen()
        threading.Thread(target=_serve, args=(server, answer), daemon=True).start()
        try:
            yield f"unix://{folder / 's'}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            shutil.rmtree(folder)


def _serve(server: socket.socket, answer: bytes) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, suppress(OSError):  # the client may have closed the connection already
            connection.recv(65536)
            connection.sendall(answer)
