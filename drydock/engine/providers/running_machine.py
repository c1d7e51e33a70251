"""Fourth place: a machine that runs already."""

from __future__ import annotations

from drydock.core import ping, platform
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NotRunning

NAME = "running machine"


def ask() -> Candidate:
    """The machine called ``default`` if it runs, or else the first that does."""
    if not platform.is_possible():
        return Candidate(NAME, "machine", platform.WHERE)
    from drydock.machine import Machine

    machines = sorted(Machine.running(), key=lambda machine: (machine.name != platform.DEFAULT, machine.name))
    if not machines:
        return Candidate(NAME, "machine", "no machine runs")
    machine = machines[0]
    try:
        ping.version(machine.endpoint)
    except NotRunning:
        return Candidate(NAME, "machine", f"the machine {machine.name!r} is still booting")
    except ping.Silent as silent:
        return Candidate(NAME, "machine", f"the machine {machine.name!r} runs, but {silent}")
    return Candidate(NAME, "machine", f"the machine {machine.name!r} runs", machine.endpoint)
