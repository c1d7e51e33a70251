"""``%%if_machine``: a magic for a cell that needs a Drydock machine; elsewhere it prints why the cell isn't run."""

from __future__ import annotations

import atexit
import os
import shutil
from functools import cache
from typing import TYPE_CHECKING

from drydock.core import platform
from drydock.learn import cell_magics

if TYPE_CHECKING:
    from drydock.machine import Machine


def load() -> None:
    """Load ``%%if_machine`` into the running notebook; outside of IPython, do nothing."""
    cell_magics.register("if_machine", obstacle, "Not run, since no machine can be started here")


@cache
def obstacle() -> str:
    """Return the reason why no machine can be started on this computer, or an empty string."""
    if not platform.supports_machines():
        return platform.NO_MACHINES
    from drydock.machine import unavailable_reason
    from drydock.machine.artifacts import machine_build

    if machine_build.find() is None:
        return "the artifacts of a machine are not built; `drydock machine build` in a terminal builds them"
    if shutil.which("ssh") is None:
        return "the program ssh is missing"
    return str(unavailable_reason() or "")


def fresh_machine(name: str) -> Machine:
    """Return the machine of a lesson: what an earlier run left of it is removed, and so is the machine at exit.

    The machine isn't started. From now on, the ``drydock`` command of this notebook's cells prints plain text.
    """
    from drydock.machine import Machine

    os.environ["TTY_COMPATIBLE"] = "0"  # rich would draw a progress bar, which a notebook shows as many lines
    machine = Machine(name)
    _remove(machine)
    atexit.register(_remove, machine)
    return machine


def _remove(machine: Machine) -> None:
    if machine.exists():
        machine.remove()
