"""First place: the address in ``DOCKER_HOST``. Whoever set it meant it."""

from __future__ import annotations

import os
from pathlib import Path

from drydock.core import environment, ping
from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate, Kind
from drydock.errors import DockerHostUnreachable

NAME = "DOCKER_HOST"


def ask() -> Candidate:
    """The daemon ``DOCKER_HOST`` names.

    An address that a person chose and that does not answer raises :class:`~drydock.errors.DockerHostUnreachable`: to
    use another daemon would run their containers where they did not want them. An address that Drydock itself had
    set (of a machine that has been stopped since) is only declined.
    """
    host = os.environ.get("DOCKER_HOST", "")
    if not host:
        return Candidate(NAME, "host", "it is not set")
    endpoint = from_environment(host)
    kind: Kind = "machine" if environment.machine_of(endpoint) else "host"
    try:
        ping.version(endpoint)
    except ping.Silent as silent:
        if not environment.is_ours(host):
            raise DockerHostUnreachable(host, str(silent)) from None
        return Candidate(NAME, kind, f"set by Drydock, but {silent}")
    setter = "set by Drydock" if environment.is_ours(host) else "it is set"
    return Candidate(NAME, kind, f"{setter}, and a daemon answers", endpoint)


def from_environment(host: str) -> Endpoint:
    """The endpoint that ``DOCKER_HOST`` and the TLS variables mean together."""
    if not os.environ.get("DOCKER_TLS_VERIFY"):
        return Endpoint(host)
    return Endpoint(host, Path(os.environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker"))
