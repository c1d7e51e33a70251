"""The second provider: the active docker context, which ``docker context use`` sets.

The files are read here, as the docker command reads them: docker-py looks for contexts beside a config.json only, which
need not exist.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from drydock.core import paths, ping
from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NoHome

NAME = "docker context"
#: The files of a context with TLS, as DOCKER_CERT_PATH expects them.
_CERTIFICATES = ("ca.pem", "cert.pem", "key.pem")
#: What reading a file of another form raises, or one in a home folder that isn't there.
_UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, NoHome)


def detect() -> Candidate:
    """Look at the active context's daemon; the context ``default`` means the local socket, the next provider."""
    name = os.environ.get("DOCKER_CONTEXT") or _current_name()
    if name == "default":
        return Candidate(NAME, "host", "the active context is the default one, which means the local socket")
    try:
        endpoint = _endpoint(name)
    except _UNREADABLE as error:
        return Candidate(NAME, "host", f"the active context {name!r} can't be read: {type(error).__name__}: {error}")
    if endpoint is None:
        return Candidate(NAME, "host", f"the active context is {name!r}, but there is no such context")
    try:
        ping.version(endpoint)
    except ping.Unreachable as error:
        return Candidate(NAME, "host", f"the active context is {name!r}, but {error}")
    return Candidate(NAME, "host", f"{name!r} is the active context, and its daemon answers", endpoint)


def _folder() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or paths.home() / ".docker")


def _current_name() -> str:
    """Return the context that Docker's settings name; ``default`` where there are none that can be read."""
    try:
        settings = json.loads((_folder() / "config.json").read_text(encoding="utf-8"))
        return str(settings.get("currentContext") or "default")
    except _UNREADABLE:
        return "default"


def _endpoint(name: str) -> Endpoint | None:
    """Return the endpoint of a context, with its certificates if it has them; None if there is no such context."""
    contexts, id = _folder() / "contexts", hashlib.sha256(name.encode()).hexdigest()
    meta = contexts / "meta" / id / "meta.json"
    if not meta.is_file():
        return None
    host = json.loads(meta.read_text(encoding="utf-8"))["Endpoints"]["docker"].get("Host")
    certificates = contexts / "tls" / id / "docker"
    has_all = all((certificates / file).is_file() for file in _CERTIFICATES)
    return Endpoint(str(host), certificates if has_all else None) if host else None
