"""Fourth place: a machine that runs already."""

from __future__ import annotations

from drydock.engine import ground, probe
from drydock.engine.candidate import Candidate
from drydock.errors import NotRunning

NAME = "running machine"


def ask() -> Candidate:
    """The machine called ``default`` if it runs, or else the first that does."""
    if not ground.is_possible():
        return Candidate(NAME, "machine", ground.WHERE)
    from drydock.machine import Machine

    machines = sorted(Machine.running(), key=lambda machine: (machine.name != ground.DEFAULT, machine.name))
    if not machines:
        return Candidate(NAME, "machine", "no machine runs")
    machine = machines[0]
    try:
        probe.version(machine.endpoint)
    except NotRunning:
        return Candidate(NAME, "machine", f"the machine {machine.name!r} is still booting")
    except probe.Silent as silent:
        return Candidate(NAME, "machine", f"the machine {machine.name!r} runs, but {silent}")
    return Candidate(NAME, "machine", f"the machine {machine.name!r} runs", machine.endpoint)
