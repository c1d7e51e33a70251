"""Docker's environment variables in this process: setting and restoring them, and marking the ones that Drydock set."""

from __future__ import annotations

import os

from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_path
from drydock.errors import NoHome

#: The variable beside ``DOCKER_HOST`` that holds the same value if Drydock set it; child processes inherit both.
MARKER = "DRYDOCK_SET_HOST"
_TLS = ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
#: The values that :func:`use` replaced, None for a variable that was not set.
_previous: dict[str, str | None] = {}


def set_by_drydock(host: str) -> bool:
    """Return whether Drydock, and no person, set ``DOCKER_HOST`` to this address."""
    return os.environ.get(MARKER) == host


def variables(endpoint: Endpoint) -> dict[str, str]:
    """Return the endpoint's variables, and the one that marks them as set by Drydock."""
    return endpoint.environment() | {MARKER: endpoint.host}


def use(endpoint: Endpoint) -> None:
    """Make this process and its later children use the endpoint; TLS variables of another daemon are removed."""
    restore()
    new = variables(endpoint)
    for name in {*_TLS, *new}:
        _previous[name] = os.environ.pop(name, None)
    os.environ.update(new)


def restore() -> None:
    """Restore the environment from before :func:`use`."""
    for name, value in _previous.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    _previous.clear()


def machine_name(endpoint: Endpoint) -> str | None:
    """Return the name of the Drydock machine with this endpoint, by the folder of its certificates; None for others."""
    folder = endpoint.certificates
    if folder is None:
        return None
    try:
        machines = data_path() / "machines"
    except NoHome:  # nor are there machines, then
        return None
    return folder.relative_to(machines).parts[0] if machines in folder.parents else None
