"""The isolation backends for a machine that runs untrusted code, and the choice among them.

bubblewrap (:mod:`~drydock.machine.isolation.bubblewrap`) where user namespaces work, else a locked-down container
(:mod:`~drydock.machine.isolation.docker_container`) where this computer has a Docker daemon of its own.
"""

from __future__ import annotations

import os
from typing import Protocol

from drydock.errors import BadSetting, NoIsolation
from drydock.machine.isolation import bubblewrap, docker_container
from drydock.machine.isolation.sandbox_spec import EMPTY, SandboxSpec

#: Environment variable that selects a backend: ``bubblewrap`` or ``container``. Unset, the first that works is used.
VARIABLE = "DRYDOCK_ISOLATION"


class IsolationBackend(Protocol):
    """An isolation backend: a module with these names."""

    #: The backend's name in ``DRYDOCK_ISOLATION`` and in verdicts.
    NAME: str
    #: Whether an isolated process inherits open files, as other child processes do.
    INHERITS_OPEN_FILES: bool

    def prefix(self, spec: SandboxSpec = EMPTY) -> list[str]:
        """Return the start of a command line: what follows it runs isolated, with only what ``spec`` gives it.

        The isolated process ends with the process that started it.
        """
        ...

    def unavailable_reason(self) -> tuple[str, str] | None:
        """Return why this backend does not work here and what would help; None after a trial run that worked."""
        ...


#: In order of preference: bubblewrap needs no other program's permission, the container a daemon that runs as root.
BACKENDS: tuple[IsolationBackend, ...] = (bubblewrap, docker_container)


def choose() -> IsolationBackend:
    """Return the first backend that works here.

    Raises :class:`~drydock.errors.NoIsolation` with each backend's reason, and with what would help.
    """
    reasons = []
    for backend in _candidates():
        reason = backend.unavailable_reason()
        if reason is None:
            return backend
        reasons.append(reason)
    whys, remedies = zip(*reasons, strict=True)
    raise NoIsolation("\n".join(whys), "\nOr: ".join(remedies))


def unavailable_reason() -> tuple[str, str] | None:
    """Return why no backend works here and what would help; None when one works."""
    try:
        choose()
    except NoIsolation as error:
        return error.why, error.next
    return None


def by_name(name: str) -> IsolationBackend:
    """Return the backend of that name; raise :class:`~drydock.errors.BadSetting` when there is none."""
    backends = {backend.NAME: backend for backend in BACKENDS}
    if name not in backends:
        raise BadSetting(
            f"{VARIABLE}={name} is not an isolation backend.",
            f"Use one of these: {', '.join(backends)}; or unset the variable.",
        )
    return backends[name]


def _candidates() -> tuple[IsolationBackend, ...]:
    selected = os.environ.get(VARIABLE)
    return (by_name(selected),) if selected else BACKENDS
