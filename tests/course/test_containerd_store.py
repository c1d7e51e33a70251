"""Every lesson holds on a daemon with the containerd image store, the default of new installations since Docker 29."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from drydock.core import ping
from drydock.core.endpoint import Endpoint
from drydock.core.waiting import wait_for
from drydock.machine.artifacts import machine_build

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("containerd_store.sh")
LESSONS = "tests/course/test_exercises.py::test_near_misses_on_the_hosts_docker"

pytestmark = [
    pytest.mark.live,
    pytest.mark.host,
    pytest.mark.nightly,
    pytest.mark.timeout(5400),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount the machine's disk"),
]


@contextmanager
def daemon() -> Iterator[tuple[int, str]]:
    """Run such a daemon; give the number of a process in its network namespace, and the address of its socket."""
    parts = machine_build.find_or_build()
    with tempfile.TemporaryDirectory(prefix="containerd-store-", dir="/var/tmp") as folder:
        argv = [str(path) for path in (SCRIPT, parts.base / "disk.img", folder, ROOT, Path.home())]
        with Path(folder, "log").open("wb") as log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
            try:
                address = f"unix://{folder}/run/docker.sock"
                wait_for(lambda: answers(address), "the daemon", seconds=120, details=Path(folder, "log").read_text)
                yield child_of(process.pid), address
            finally:
                with suppress(OSError, IndexError):  # it has ended already
                    os.kill(child_of(process.pid), signal.SIGTERM)
                process.wait(timeout=60)


def answers(address: str) -> bool:
    """Return whether a daemon answers there, and keeps images in containerd."""
    endpoint = Endpoint(address)
    with suppress(ping.Unreachable):
        ping.version(endpoint)  # asked for a socket that is not there yet, docker-py leaves its own open
        with closing(endpoint.client()) as client:
            assert ["driver-type", "io.containerd.snapshotter.v1"] in client.info()["DriverStatus"]
        return True
    return False


def child_of(pid: int) -> int:
    """Return the number of the process that `unshare` started."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def test_every_lesson_holds_with_the_containerd_image_store() -> None:
    """With all exercises, in the daemon's network; what lessons claim of ids, layers and listings is true there."""
    with daemon() as (pid, address):
        environment = os.environ | {"DOCKER_HOST": address, "DRYDOCK_ENGINE": "host"}
        inside = ["nsenter", "--target", str(pid), "--net"]
        build = [*inside, str(Path(sys.executable).with_name("drydock")), "images", "build"]
        subprocess.run(build, cwd=ROOT, env=environment, check=True)
        tests = [*inside, sys.executable, "-m", "pytest", "-q", "-n0", "-m", "", "-p", "no:cacheprovider", LESSONS]
        done = subprocess.run(tests, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:]
