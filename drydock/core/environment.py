"""Which addresses are Drydock's own doing: what ``start()`` set, and which belong to a machine."""

from __future__ import annotations

import os

from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder

#: Beside ``DOCKER_HOST``, for this process and its children: the value that Drydock gave it.
VARIABLE = "DRYDOCK_SET_HOST"
_TLS = ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
#: The variables that :func:`point_here` changed, as they were.
_before: dict[str, str | None] = {}


def is_ours(host: str) -> bool:
    """Whether Drydock, and no person, put this address into ``DOCKER_HOST``."""
    return os.environ.get(VARIABLE) == host


def environment(endpoint: Endpoint) -> dict[str, str]:
    """The endpoint's variables, and the mark that Drydock set them."""
    return endpoint.environment() | {VARIABLE: endpoint.host}


def point_here(endpoint: Endpoint) -> None:
    """Make this process and its later children use the endpoint; TLS variables of another daemon would mislead them."""
    leave()
    wanted = environment(endpoint)
    for name in {*_TLS, *wanted}:
        _before[name] = os.environ.pop(name, None)
    os.environ.update(wanted)


def leave() -> None:
    """Put the environment back as it was before :func:`point_here`; without that, do nothing."""
    for name, value in _before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    _before.clear()


def machine_of(endpoint: Endpoint) -> str | None:
    """The name of the machine whose address this is; its certificates lie in the machine's own folder."""
    folder = endpoint.certificates
    machines = data_folder() / "machines"
    if folder is None or machines not in folder.parents:
        return None
    return folder.relative_to(machines).parts[0]
