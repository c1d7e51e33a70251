"""The fourth provider: a Drydock machine that is running."""

from __future__ import annotations

from drydock.core import ping, platform
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NotRunning

NAME = "running machine"


def detect() -> Candidate:
    """Look for the default machine, or else the first one that is running."""
    if not platform.supports_machines():
        return Candidate(NAME, "machine", platform.NO_MACHINES)
    from drydock.machine import Machine

    machines = sorted(Machine.running(), key=lambda machine: (machine.name != platform.DEFAULT_MACHINE, machine.name))
    if not machines:
        return Candidate(NAME, "machine", "no machine is running")
    machine = machines[0]
    try:
        ping.version(machine.endpoint)
    except NotRunning:
        return Candidate(NAME, "machine", f"the machine {machine.name!r} is still booting")
    except ping.Unreachable as error:
        return Candidate(NAME, "machine", f"the machine {machine.name!r} is running, but {error}")
    return Candidate(NAME, "machine", f"the machine {machine.name!r} is running", machine.endpoint)
