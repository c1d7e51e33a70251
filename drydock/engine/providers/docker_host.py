"""The first provider: the address in ``DOCKER_HOST``, which is an explicit choice."""

from __future__ import annotations

import os
from pathlib import Path

from drydock.core import environment, paths, ping
from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate, Kind
from drydock.errors import DockerHostUnreachable

NAME = "DOCKER_HOST"


def detect() -> Candidate:
    """Look at the daemon that ``DOCKER_HOST`` names.

    If a person set it and the daemon does not answer, raise :class:`~drydock.errors.DockerHostUnreachable`: another
    daemon would run their containers where they did not want them. An address that Drydock set, such as that of a
    machine stopped since, is only unavailable.
    """
    host = os.environ.get("DOCKER_HOST", "")
    if not host:
        return Candidate(NAME, "host", "it is not set")
    endpoint = endpoint_from_environment(host)
    kind: Kind = "machine" if environment.machine_name(endpoint) else "host"
    try:
        ping.version(endpoint)
    except ping.Unreachable as error:
        if not environment.set_by_drydock(host):
            raise DockerHostUnreachable(host, str(error)) from None
        return Candidate(NAME, kind, f"Drydock set it, but {error}")
    setter = "Drydock set it" if environment.set_by_drydock(host) else "it is set"
    return Candidate(NAME, kind, f"{setter}, and a daemon answers", endpoint)


def endpoint_from_environment(host: str) -> Endpoint:
    """Return the endpoint of a ``DOCKER_HOST`` address with the TLS variables of the environment."""
    if not os.environ.get("DOCKER_TLS_VERIFY"):
        return Endpoint(host)
    return Endpoint(host, Path(os.environ.get("DOCKER_CERT_PATH") or paths.home() / ".docker"))
