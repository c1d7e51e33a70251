"""The last provider: the default Drydock machine, to be booted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drydock.core import ping, platform
from drydock.core.progress import step
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NoMachine, NotRunning

if TYPE_CHECKING:
    from drydock.machine import Machine

NAME = "new machine"

#: Seconds for an answer of a running machine's daemon: it has answered before, but a busy computer makes it slow.
_ANSWER_SECONDS = 20.0


def detect() -> Candidate:
    """Check whether a machine can be booted here; it is booted only if this candidate is selected."""
    if not platform.supports_machines():
        return Candidate(NAME, "machine", platform.NO_MACHINES)
    from drydock.machine import obstacles

    reasons = [" ".join(filter(None, (obstacle.what, obstacle.next))) for obstacle in obstacles()]
    if reasons:
        return Candidate(NAME, "machine", "\n".join(reasons))
    return Candidate(NAME, "machine", "one can be booted here", boot=_boot)


def _boot(shares: Sequence[Path], owned: bool) -> tuple[Machine, bool]:
    """Boot the default machine; one that runs and does not answer is stopped first.

    Return the machine, and False if another process has booted it meanwhile.
    """
    from drydock.machine import Machine

    machine = Machine(platform.DEFAULT_MACHINE, shares=shares)
    if machine.start(owned=owned):
        return machine, True
    if not _answers(machine):
        with step(f"Stopping the machine {machine.name}, which is running but does not answer"):
            machine.stop()
        return _boot(shares, owned)
    for folder in shares:
        machine.share(folder)
    return machine, False


def _answers(machine: Machine) -> bool:
    try:
        return bool(ping.version(machine.endpoint, _ANSWER_SECONDS))
    except (ping.Unreachable, NotRunning, NoMachine):
        return False
