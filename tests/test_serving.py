"""A test's Jupyter server ends with the test, also when the test run is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from drydock.core.waiting import wait_for
from drydock.machine.network.slirp import free_port
from tests.serving import answers, served

_OWNER = """
import sys
from pathlib import Path
from tests.test_serving import server

with server(int(sys.argv[1]), Path(sys.argv[2])):
    print("ready", flush=True)
    sys.stdin.read()
"""


def server(port: int, folder: Path) -> AbstractContextManager[None]:
    """A server with nothing in it."""
    words = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"]
    own = {"JUPYTER_CONFIG_DIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder)}
    return served([*words, f"--ServerApp.root_dir={folder}"], address(port), folder / "log", env=os.environ | own)


def address(port: int) -> str:
    """Where it answers."""
    return f"http://127.0.0.1:{port}/"


def test_it_ends_with_the_test(tmp_path: Path) -> None:
    """It answers during the test, and not afterwards."""
    port = free_port()
    with server(port, tmp_path):
        assert answers(f"{address(port)}api")
    assert not answers(f"{address(port)}api")


def test_it_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    """Its parent process is killed and can't stop it; it ends all the same."""
    port = free_port()
    words = [sys.executable, "-c", _OWNER, str(port), str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        owner.kill()
    wait_for(lambda: not answers(f"{address(port)}api"), "the server to end", seconds=60, every=0.3)
