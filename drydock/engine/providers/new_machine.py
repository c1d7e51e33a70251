"""Last place: a machine that does not run yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drydock.core import ping, platform
from drydock.core.progress import step
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NotRunning

if TYPE_CHECKING:
    from drydock.machine import Machine

NAME = "new machine"

#: Seconds that the daemon of a machine gets which runs, and so has answered before: a busy computer makes it slow.
_PATIENCE = 20.0


def ask() -> Candidate:
    """Whether the machine called ``default`` could be booted here; booting it is left to who takes it."""
    if not platform.is_possible():
        return Candidate(NAME, "machine", platform.WHERE)
    from drydock.machine import why_not

    obstacle = why_not()
    if obstacle is not None:
        return Candidate(NAME, "machine", " ".join(filter(None, (obstacle.what, obstacle.next))))
    return Candidate(NAME, "machine", "one can be booted here", boot=_boot)


def _boot(shares: Sequence[Path], owned: bool) -> Machine:
    from drydock.machine import Machine

    machine = Machine(platform.DEFAULT, shares=shares)
    if machine.start(owned=owned):
        return machine
    if not _answers(machine):
        with step(f"Stopping the machine {machine.name}, which runs but does not answer"):
            machine.stop()
        return _boot(shares, owned)
    for folder in shares:  # somebody else was booting it just now
        machine.share(folder)
    return machine


def _answers(machine: Machine) -> bool:
    try:
        return bool(ping.version(machine.endpoint, _PATIENCE))
    except (ping.Silent, NotRunning):
        return False
