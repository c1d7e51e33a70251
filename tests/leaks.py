"""What a run of the tests may have left behind on this computer: processes, folders, things in the host's daemon."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from functools import cache
from pathlib import Path

import requests
from docker.errors import DockerException

from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import WaitedTooLong

#: Whatever a test starts inherits this variable, so that a process left behind tells whose it is.
SESSION = "DRYDOCK_TEST_SESSION"
#: Where a daemon on this computer listens unless it was told otherwise.
SOCKET = "unix:///var/run/docker.sock"


class LeftBehind:
    """Machines and sockets of a run of tests get folders of their own, and none of them may be left when it ends.

    The cache stays the user's: what is in it is meant to be kept, and takes minutes to build.
    """

    def __init__(self) -> None:
        self._token = secrets.token_hex(8)
        self._data = Path(tempfile.mkdtemp(prefix="dd-test-"))
        self._runtime = Path(tempfile.mkdtemp(prefix="dd-test-", dir="/tmp"))  # sockets: the path must be short
        self._labelled = labelled(host_daemon())
        os.environ |= {
            SESSION: self._token,
            "XDG_DATA_HOME": str(self._data),
            "XDG_RUNTIME_DIR": str(self._runtime),
        }

    def close(self) -> list[str]:
        """What is left behind, a line each; the folders go."""
        try:
            return report(f"{SESSION}={self._token}", self._data, self._runtime, self._labelled)
        finally:
            shutil.rmtree(self._data, ignore_errors=True)
            shutil.rmtree(self._runtime, ignore_errors=True)


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
        containers = {f"container {one['Names'][0].lstrip('/')}" for one in listed}
        networks = {f"network {one.name}" for one in client.networks.list(filters=ours)}
        volumes = {f"volume {one.name}" for one in client.volumes.list(filters=ours)}
    finally:
        client.close()
    return containers | networks | volumes


def processes(variable: str) -> list[str]:
    """The processes, but this one, that were started with an environment variable ``NAME=value``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            theirs = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        # Python's own helper of multiprocessing lives as long as this process, whatever the tests do.
        helper = int(folder.name) == os.getpid() or "multiprocessing.resource_tracker" in command
        if variable.encode() in theirs and not helper:
            found.append(f"process {folder.name}: {command[:160]}")
    return found


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


def report(variable: str, data: Path, runtime: Path, before: set[str]) -> list[str]:
    """Everything left behind, one a line.

    What is on its way out gets some seconds to go; so do things in the host's daemon that others have just made there.
    """
    new = labelled(host_daemon()) - before

    def gone() -> bool:
        return not processes(variable) and not new & labelled(host_daemon())

    with contextlib.suppress(WaitedTooLong):
        wait_for(gone, "what the tests started to end", seconds=15, every=0.3)
    return processes(variable) + files(data, runtime) + sorted(new & labelled(host_daemon()))
