"""Third place: a daemon's socket on this computer, where the usual installations put it."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from drydock.core import ping
from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate

NAME = "local socket"
#: Where Docker's own packages, and Debian's, have it listen.
SYSTEM = Path("/var/run/docker.sock")


def ask() -> Candidate:
    """The first socket that answers; when none does, what was seen at each that exists."""
    seen = []
    for endpoint in sockets():
        try:
            ping.version(endpoint)
        except ping.Silent as silent:
            seen.append(str(silent))
            continue
        return Candidate(NAME, "host", f"a daemon answers at {endpoint.host}", endpoint)
    return Candidate(NAME, "host", "; ".join(seen) or "there is none in the usual places")


def sockets() -> list[Endpoint]:
    """The sockets that are there: the system's, a rootless daemon's, Docker Desktop's."""
    if platform.system() == "Windows":
        return [Endpoint("npipe:////./pipe/docker_engine")]
    places = [SYSTEM]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        places.append(Path(runtime) / "docker.sock")
    own = Path.home() / ".docker"
    places += [own / "run" / "docker.sock", own / "desktop" / "docker.sock"]
    return [Endpoint(f"unix://{place}") for place in places if _is_there(place)]


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # in a folder that we may not look into
        return False
