"""The third provider: a daemon's socket on this computer, in one of the usual places."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path

from drydock.core import ping
from drydock.core.endpoint import Endpoint
from drydock.core.paths import home
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NoHome

NAME = "local socket"
#: The socket of Docker's own packages and of Debian's.
SYSTEM_SOCKET = Path("/var/run/docker.sock")


def detect() -> Candidate:
    """Look for the first socket at which a daemon answers; if none does, give the reason for each."""
    reasons = []
    for endpoint in sockets():
        try:
            ping.version(endpoint)
        except ping.Unreachable as error:
            reasons.append(str(error))
            continue
        return Candidate(NAME, "host", f"a daemon answers at {endpoint.host}", endpoint)
    return Candidate(NAME, "host", "; ".join(reasons) or "there is none in the usual places")


def sockets() -> list[Endpoint]:
    """Return the sockets that exist: the system's, a rootless daemon's, Docker Desktop's."""
    if platform.system() == "Windows":
        return [Endpoint("npipe:////./pipe/docker_engine")]
    paths = [SYSTEM_SOCKET]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        paths.append(Path(runtime) / "docker.sock")
    with suppress(NoHome):
        docker_folder = home() / ".docker"
        paths += [docker_folder / "run" / "docker.sock", docker_folder / "desktop" / "docker.sock"]
    return [Endpoint(f"unix://{path}") for path in paths if _exists(path)]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # the folder may not be read
        return False
