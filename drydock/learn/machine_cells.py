"""``%%if_machine``: a magic for a cell that needs a Drydock machine; elsewhere it prints why the cell isn't run."""

from __future__ import annotations

import atexit
import os
import shutil
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from drydock.core import platform
from drydock.core.ipython import running_shell

if TYPE_CHECKING:
    from drydock.machine import Machine


def load() -> None:
    """Load ``%%if_machine`` into the running notebook; outside of IPython, do nothing."""
    shell = running_shell()
    if shell is not None:
        shell.register_magic_function(partial(_if_machine, shell), "cell", "if_machine")


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


def _if_machine(shell: Any, line: str, cell: str) -> None:
    """Run the cell, or print why it can't be run here."""
    if obstacle():
        print(f"Not run, since no machine can be started here: {obstacle()}.")
    else:
        exec(compile(shell.transform_cell(cell), "<cell>", "exec"), shell.user_ns)
