"""The wall around a machine whose work is hostile: which one can stand here, and why none can.

bubblewrap (:mod:`~drydock.machine.isolation.bubblewrap`) where user namespaces work, else a locked-down container
(:mod:`~drydock.machine.isolation.docker_container`) where this computer has a Docker daemon of its own.
"""

from __future__ import annotations

import os
from typing import Protocol

from drydock.errors import BadSetting, NoIsolation
from drydock.machine.isolation import bubblewrap, docker_container
from drydock.machine.isolation.sandbox_spec import NOTHING, SandboxSpec

#: Asks for one of them, where the first that can stand would do: ``bubblewrap`` or ``container``.
CHOICE = "DRYDOCK_WALL"


class IsolationBackend(Protocol):
    """What a wall is: a module with these names."""

    #: The word for it in verdicts.
    NAME: str
    #: Whether what is behind it inherits open files, as any child does.
    INHERITS: bool

    def prefix(self, inside: SandboxSpec = NOTHING) -> list[str]:
        """The words before a command that put it behind the wall, with nothing to work with but ``inside``.

        It ends with whoever started it.
        """
        ...

    def why_not(self) -> tuple[str, str] | None:
        """Why it can't stand here, and what would change that; None when it was put up for a try and stood."""
        ...


#: In the order they are asked: the first needs nobody's leave, the second a daemon that is root.
WALLS: tuple[IsolationBackend, ...] = (bubblewrap, docker_container)


def choose() -> IsolationBackend:
    """The first that can stand here; :class:`~drydock.errors.NoIsolation`, saying what would help, where none can."""
    reasons = []
    for wall in _wanted():
        reason = wall.why_not()
        if reason is None:
            return wall
        reasons.append(reason)
    whys, nexts = zip(*reasons, strict=True)
    raise NoIsolation("; and ".join(whys), "; or ".join(nexts))


def why_not() -> tuple[str, str] | None:
    """Why none can stand here, and what would change that; None when one can."""
    try:
        choose()
    except NoIsolation as none:
        return none.why, none.next
    return None


def named(name: str) -> IsolationBackend:
    """The wall of that name; :class:`~drydock.errors.BadSetting` when there is none."""
    found = {wall.NAME: wall for wall in WALLS}
    if name not in found:
        raise BadSetting(f"{CHOICE}={name} names no wall.", f"choose one of: {', '.join(found)}; or unset it")
    return found[name]


def _wanted() -> tuple[IsolationBackend, ...]:
    choice = os.environ.get(CHOICE)
    return (named(choice),) if choice else WALLS
