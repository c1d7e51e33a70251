"""Grounds to ask for a Docker on: a bare one without any, and small servers that answer badly."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from drydock.core.paths import socket_folder
from drydock.engine.providers import local_socket


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A computer without any Docker, as far as the environment, the home and the usual places tell."""
    for name in [name for name in os.environ if name.startswith(("DOCKER_", "DRYDOCK_"))]:
        if name != "DRYDOCK_TEST_SESSION":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(local_socket, "SYSTEM", tmp_path / "docker.sock")
    return monkeypatch


@pytest.fixture
def elsewhere(bare: pytest.MonkeyPatch) -> None:
    """The same on a computer where no machine can be."""
    bare.setattr(platform, "system", lambda: "Darwin")


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """An address whose server says the same to everybody, or hangs up when there is nothing to say."""
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
        with connection, suppress(OSError):  # who only knocked has hung up
            connection.recv(65536)
            connection.sendall(answer)
