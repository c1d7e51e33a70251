"""JupyterLab exits when its server has ended, also when it was reading a file for a browser."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from drydock.core.waiting import wait_for
from drydock.learn.lesson_contents import LessonContents
from drydock.machine.network.slirp import free_port
from tests.serving import served

_SIZE = 256 << 20
_CONTENTS = f"{LessonContents.__module__}.{LessonContents.__qualname__}"


@pytest.mark.slow
def test_it_exits_in_the_middle_of_a_request(tmp_path: Path) -> None:
    """SIGTERM comes while a thread of the server reads a file: it exits with code 0, without the thread."""
    file = tmp_path / "large"
    with file.open("wb") as large:
        large.truncate(_SIZE)
    port = free_port("tcp")
    address = f"http://127.0.0.1:{port}/"
    settings = {"port": port, "root_dir": tmp_path, "password": "", "contents_manager_class": _CONTENTS}
    argv = [sys.executable, "-m", "drydock.lab_server", "--no-browser", "--allow-root", "--IdentityProvider.token="]
    argv += [f"--ServerApp.{name}={value}" for name, value in settings.items()]

    def ask() -> None:
        with suppress(requests.RequestException):  # the server ends before it answers
            requests.get(f"{address}api/contents/{file.name}?format=base64", timeout=60)

    with served(argv, address, tmp_path / "log", env={**os.environ, "HOME": str(tmp_path)}, cwd=tmp_path):
        threading.Thread(target=ask, daemon=True).start()
        wait_for(lambda: _is_open(file), "the server to open the file", seconds=30, every=0.001)


def _is_open(file: Path) -> bool:
    """Return whether a process of this user has a file open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if link.readlink() == file:
                return True
    return False
