"""The second provider: the active docker context, which ``docker context use`` sets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from drydock.core import ping
from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate

if TYPE_CHECKING:
    from docker.context import Context

NAME = "docker context"


def detect() -> Candidate:
    """Look at the active context's daemon; the context ``default`` means the local socket, the next provider."""
    from docker.context import Context
    from docker.context.config import get_current_context_name

    name = os.environ.get("DOCKER_CONTEXT") or get_current_context_name()
    if name == "default":
        return Candidate(NAME, "host", "the active context is the default one, which means the local socket")
    try:
        endpoint = _endpoint(Context.load_context(name))
    # docker-py raises a bare Exception for a context file that it can't read.
    except Exception as error:
        return Candidate(NAME, "host", f"the active context {name!r} can't be read: {error}")
    if endpoint is None:
        return Candidate(NAME, "host", f"the active context is {name!r}, but there is no such context")
    try:
        ping.version(endpoint)
    except ping.Unreachable as error:
        return Candidate(NAME, "host", f"the active context is {name!r}, but {error}")
    return Candidate(NAME, "host", f"{name!r} is the active context, and its daemon answers", endpoint)


def _endpoint(context: Context | None) -> Endpoint | None:
    if context is None or not context.Host:
        return None
    tls = context.TLSConfig
    # A context has ca.pem, cert.pem and key.pem in one folder, as DOCKER_CERT_PATH expects.
    return Endpoint(context.Host, Path(tls.cert[0]).parent if tls and tls.cert else None)
