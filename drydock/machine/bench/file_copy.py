"""``docker cp`` of a file into a running container and out of it."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

import docker

from drydock.core import command
from drydock.core.endpoint import Endpoint
from drydock.errors import TransferIncomplete
from drydock.machine.artifacts import docker_cli
from drydock.machine.bench.workload import IMAGE, LABELS, timed

#: The size of the file, bytes. They are random, so nothing on the way can compress them.
FILE_BYTES = 32 << 20
#: Emulation copies some MB in a second.
_SECONDS = 300


def measure(client: docker.DockerClient, endpoint: Endpoint) -> dict[str, float]:
    """Copy a file into a container of this daemon, and back; return both speeds by the names of their rows, MB/s."""
    container = client.containers.run(IMAGE, "sleep 600", detach=True, labels=LABELS)
    try:
        with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
            file, copy, inside = Path(folder, "file"), Path(folder, "copy"), f"{container.id}:/file"
            file.write_bytes(secrets.token_bytes(FILE_BYTES))
            seconds = {
                "cp_in_mb_s": timed(lambda: _copy(endpoint, str(file), inside)),
                "cp_out_mb_s": timed(lambda: _copy(endpoint, inside, str(copy))),
            }
            if copy.read_bytes() != file.read_bytes():
                raise TransferIncomplete("docker cp", copy.stat().st_size, FILE_BYTES)
    finally:
        container.remove(force=True)
    return {name: FILE_BYTES / 1e6 / value for name, value in seconds.items()}


def environment(endpoint: Endpoint) -> dict[str, str]:
    """Return the environment of a docker command that uses this daemon, whatever daemon this process uses."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
    return own | docker_cli.environment() | endpoint.environment()


def _copy(endpoint: Endpoint, source: str, target: str) -> None:
    command.run(["docker", "cp", source, target], env=environment(endpoint), timeout=_SECONDS)
