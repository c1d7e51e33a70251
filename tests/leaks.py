"""What a run of the tests has left behind on this computer: processes, folders, objects in the Docker daemon."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import requests
from docker.errors import DockerException

from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

#: Each process that a test starts inherits this variable, by which it is found.
SESSION = "DRYDOCK_TEST_SESSION"
#: The environment of a run's :mod:`tests.reaper`, which lives as long as the run, has this variable.
REAPER = "DRYDOCK_TEST_REAPER"
#: Where a daemon on this computer listens by default.
SOCKET = "unix:///var/run/docker.sock"
#: The values of our label on what tests make in a daemon themselves; a lesson's label has the lesson's name.
TEST_LABELS = ("test", "tests", "machine-tests", "autograder-tests")


class Run:
    """A run of the tests: it has folders of its own for machines and sockets, and leaves none of them.

    The cache stays the user's: what is in it is meant to be kept, and takes minutes to build.
    """

    def __init__(self) -> None:
        self._token = secrets.token_hex(8)
        self._data = Path(tempfile.mkdtemp(prefix="dd-test-"))
        self._runtime = Path(tempfile.mkdtemp(prefix="dd-test-", dir="/tmp"))  # sockets: the path must be short
        self._labelled = labelled(host_daemon())
        self._reaper = self._start_reaper()
        os.environ |= {
            SESSION: self._token,
            "XDG_DATA_HOME": str(self._data),
            "XDG_RUNTIME_DIR": str(self._runtime),
        }

    def close(self) -> list[str]:
        """Return what is left behind, a line each, and have all of it removed."""
        try:
            before = None if other_runs(self._reaper.pid) else self._labelled
            return report(f"{SESSION}={self._token}", self._data, self._runtime, before)
        finally:
            self._reaper.communicate(b"done\n")

    def _start_reaper(self) -> subprocess.Popen[bytes]:
        """Start :mod:`tests.reaper`: it sees the end of this process, whatever ends it."""
        reaper = subprocess.Popen(
            [sys.executable, "-m", "tests.reaper"],
            cwd=Path(__file__).parents[1],
            env={**os.environ, REAPER: "1"},
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in a terminal goes to the whole process group of the tests
        )
        assert reaper.stdin is not None
        run = {"variable": f"{SESSION}={self._token}", "folders": [str(self._data), str(self._runtime)]}
        reaper.stdin.write(json.dumps(run).encode() + b"\n")
        reaper.stdin.flush()
        return reaper


@cache
def host_daemon() -> Endpoint | None:
    """The Docker daemon of this computer, if one answers."""
    address = os.environ.get("DOCKER_HOST", SOCKET)
    if address.startswith("unix://") and not Path(address.removeprefix("unix://")).is_socket():
        return None  # asked for what isn't there, docker-py leaves its own socket open
    folder = os.environ.get("DOCKER_CERT_PATH")
    endpoint = Endpoint(address, Path(folder) if folder else None)
    try:
        client = endpoint.client(timeout=10)
        try:
            client.ping()
        finally:
            client.close()
    except (DockerException, requests.RequestException, OSError):
        return None
    return endpoint


def labelled(endpoint: Endpoint | None) -> set[str]:
    """The containers, networks and volumes in a daemon that carry Drydock's label."""
    if endpoint is None:
        return set()
    client = endpoint.client()
    ours: dict[str, str | list[str] | bool] = {"label": LABEL}
    try:
        # Not containers.list: that asks for each one by itself, and one may be gone by then.
        listed = client.api.containers(all=True, filters=ours)
        containers = {f"container {container['Names'][0].lstrip('/')}" for container in listed}
        networks = {f"network {network.name}" for network in client.networks.list(filters=ours)}
        volumes = {f"volume {volume.name}" for volume in client.volumes.list(filters=ours)}
    finally:
        client.close()
    return containers | networks | volumes


def remove_labelled(endpoint: Endpoint, values: Iterable[str] = TEST_LABELS) -> None:
    """Remove the containers, networks and volumes of a daemon whose Drydock label has one of these values."""
    with contextlib.closing(endpoint.client()) as client:
        for value in values:
            ours: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={value}"}
            for container in client.api.containers(all=True, filters=ours):
                client.api.remove_container(container["Id"], force=True, v=True)
            for network in client.networks.list(filters=ours):
                network.remove()
            for volume in client.volumes.list(filters=ours):
                volume.remove()


def pids(variable: str) -> set[int]:
    """Return the processes, but this one, that were started with an environment variable ``NAME=value``."""
    running = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is somebody else's
            if variable.encode() in (folder / "environ").read_bytes().split(b"\0"):
                running.add(int(folder.name))
    return running - {os.getpid()}


def other_runs(reaper: int) -> bool:
    """Return whether other tests run on this computer than those with that reaper, given by its process id.

    Nobody knows then whose the labelled objects in the daemon are.
    """
    return bool(pids(f"{REAPER}=1") - {reaper})


def processes(variable: str) -> list[str]:
    """Return the same with their command lines, a line each, but for Python's helper of multiprocessing.

    That one ends with this process, whatever the tests do.
    """
    lines = []
    for pid in sorted(pids(variable)):
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            lines.append(f"process {pid}: {command[:160]}")
    helpers = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")  # they end with this process
    return [line for line in lines if not any(helper in line for helper in helpers)]


def alive(pid: int) -> bool:
    """Whether a process runs, zombies not counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def files(data: Path, runtime: Path) -> list[str]:
    """The machines in a data folder, and the folders for sockets in a runtime folder, that are still there."""
    machines = [path for path in (data / "drydock" / "machines").glob("*") if not path.name.startswith(".")]
    return [f"machine {path.name}" for path in machines] + [f"folder {path}" for path in runtime.glob("drydock-*")]


def report(variable: str, data: Path, runtime: Path, before: set[str] | None) -> list[str]:
    """Everything left behind, one a line; ``before`` was in the host's daemon already, None leaves the daemon out.

    What is on its way out gets some seconds to go; so do things in the host's daemon that others have just made there.
    """
    new = set() if before is None else labelled(host_daemon()) - before

    def gone() -> bool:
        return not processes(variable) and not new & labelled(host_daemon())

    with contextlib.suppress(TimedOut):
        wait_for(gone, "what the tests started to end", seconds=30, every=0.3)
    return processes(variable) + files(data, runtime) + sorted(new & labelled(host_daemon()))
