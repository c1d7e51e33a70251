"""``drydock.start()``: the first call in a notebook."""

from __future__ import annotations

from drydock import magics
from drydock.engine import Engine, discovery
from drydock.learn import ecs_emulator, ipython_errors, machine_cells


def start(engine: str | None = None) -> Engine:
    """Find a Docker daemon, or boot one, and make this notebook use it; also load the cell magics.

    If the daemon is gone later, a cell that needs it prints what to do instead of a traceback. ``engine`` may be
    ``"host"`` (the computer's own Docker) or ``"machine"`` (a Drydock machine); without it, the first that is found.
    """
    magics.load()
    machine_cells.load()
    ecs_emulator.load()
    ipython_errors.install()
    return discovery.start(engine)
