"""The fourth provider: a Drydock machine that is running."""

from __future__ import annotations

from drydock.core import ping, platform
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NoHome, NoMachine, NotRunning

NAME = "running machine"


def detect() -> Candidate:
    """Look for the default machine, or else the first one that is running."""
    if not platform.supports_machines():
        return Candidate(NAME, "machine", platform.NO_MACHINES)
    from drydock.machine import Machine

    try:
        running = Machine.running()
    except OSError as error:  # the home folder can't be written: a daemon of another provider may be used all the same
        return Candidate(NAME, "machine", f"the folder of machines can't be used: {error}")
    except NoHome as error:
        return Candidate(NAME, "machine", f"{error.what} {error.next}")
    machines = sorted(running, key=lambda machine: (machine.name != platform.DEFAULT_MACHINE, machine.name))
    if not machines:
        return Candidate(NAME, "machine", "no machine is running")
    machine = machines[0]
    try:
        ping.version(machine.endpoint)
    except (NotRunning, NoMachine):
        return Candidate(NAME, "machine", f"the machine {machine.name!r} is still booting, or has just ended")
    except ping.Unreachable as error:
        return Candidate(NAME, "machine", f"the machine {machine.name!r} is running, but {error}")
    return Candidate(NAME, "machine", f"the machine {machine.name!r} is running", machine.endpoint)
