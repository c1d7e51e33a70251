"""The container a submitted notebook runs in: beside the student's own containers, inside the sandbox.

It has the daemon's socket, and the network of the machine, so that a cell can ask 127.0.0.1 for what it
published, as on a laptop. That gives it the machine: the isolation is around the machine, not in it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import requests
from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.types import Mount

from autograder.errors import TooLarge
from autograder.execution import archives
from autograder.execution.container_waiting import exit_code
from autograder.execution.workspace import IMAGE, PROGRAMS
from drydock.core.paths import LABEL

_OUT, _LIBRARY = "/out", "/lib/drydock"
_RESULT_LIMIT, _FOLDER_LIMIT = 12 << 20, 48 << 20


@dataclass(frozen=True)
class Limits:
    """What a notebook may use: seconds for one cell and for all, and the kernel's memory."""

    cell_seconds: int = 120  # bringing up a stack is one cell, and a computer that grades many at once is slow
    total_seconds: int = 240
    memory: str = "384m"


DEFAULT = Limits()


@dataclass(frozen=True)
class RunResult:
    """How a run ended, and what it left, unread: the student's code could have written it.

    ``folder`` is an archive of the folder the notebook ran in.
    """

    in_time: bool
    exit_code: int | None
    status: dict[str, Any]
    notebook: bytes
    folder: bytes = b""


def run(client: DockerClient, name: str, files: Mapping[str, bytes], token: str, limits: Limits) -> RunResult:
    """Run the notebook ``name`` among ``files`` in a new container, which is gone afterwards."""
    with _container(client, name, token, limits) as (kernel, folder):
        kernel.put_archive("/", archives.packed(files, folder))
        kernel.put_archive("/", archives.sources(_LIBRARY, _OUT))
        kernel.start()
        try:
            code = exit_code(kernel, limits.total_seconds)
            in_time = code is not None
        except NotFound:  # the student's code has removed it; it has nothing to gain
            code, in_time = None, True
        _kill(kernel)
        status = archives.fetched(kernel, f"{_OUT}/status.json", 1 << 16)
        notebook = archives.fetched(kernel, f"{_OUT}/notebook.ipynb", _RESULT_LIMIT)
        return RunResult(in_time, code, _status(status), notebook, _left(kernel, folder))


@contextmanager
def _container(client: DockerClient, name: str, token: str, limits: Limits) -> Iterator[tuple[Container, str]]:
    """The container, not started yet, and the folder in it for the submission.

    The folder is a volume mounted at the path it has in the machine, so that `-v "$PWD":…` in a cell means what
    it means on a laptop. It stays as long as a container that the notebook leaves has something of it mounted.
    """
    word = secrets.token_hex(6)
    volume = client.volumes.create(name=f"work-{word}", labels={LABEL: "autograder"})
    folder = volume.attrs["Mountpoint"]
    kernel = client.containers.create(
        IMAGE,
        ["python3", "-m", "autograder.execution.notebook_runner", f"{folder}/{name}", _OUT, str(limits.cell_seconds)],
        name=f"kernel-{word}",
        labels={LABEL: "autograder"},
        working_dir=_OUT,
        environment={
            "DOCKER_HOST": "unix:///var/run/docker.sock",
            "DRYDOCK_TOKEN": token,
            "DRYDOCK_GRADING": "1",
            "PYTHONPATH": _LIBRARY,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        mounts=[
            Mount("/var/run/docker.sock", "/var/run/docker.sock", type="bind"),
            Mount(folder, volume.name),
            *(Mount(path, path, type="bind", read_only=True) for path in PROGRAMS),
        ],
        network_mode="host",
        mem_limit=limits.memory,
        pids_limit=256,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        init=True,
    )
    try:
        yield kernel, folder
    finally:
        _quietly_remove(kernel)
        if not _is_mounted(client, folder):
            _quietly_remove(volume)


def _kill(kernel: Container) -> None:
    with suppress(APIError):  # it ended by itself, or is gone
        kernel.kill()


def _left(kernel: Container, folder: str) -> bytes:
    try:
        return archives.archived(kernel, f"{folder}/.", _FOLDER_LIMIT, "The folder")
    except TooLarge:
        return b""  # most checks don't need it, and the others report it


def _is_mounted(client: DockerClient, folder: str) -> bool:
    """Whether a container has a file of the folder for its own; to Docker, that is no use of the volume."""
    with suppress(APIError):
        mounts = [
            mount
            for container in client.containers.list(all=True, sparse=True)
            for mount in container.attrs.get("Mounts") or ()
        ]
        return any(str(mount.get("Source", "")).startswith(folder) for mount in mounts)
    return False


def _quietly_remove(thing: Any) -> None:
    # It is gone already, or a busy daemon takes long for it: it was killed, and the machine goes next in any case.
    with suppress(APIError, requests.Timeout):
        thing.remove(force=True)


def _status(data: bytes) -> dict[str, Any]:
    try:
        status = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return status if isinstance(status, dict) else {}
