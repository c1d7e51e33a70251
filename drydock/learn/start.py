"""``drydock.start()``: the first call of a notebook."""

from __future__ import annotations

from drydock import magics
from drydock.engine import Engine, discovery
from drydock.learn import ipython_errors


def start(engine: str | None = None) -> Engine:
    """Find a Docker daemon, or boot one, and make this notebook use it; also load the ``%%expect`` magic.

    A later cell that finds that Docker gone says so, and what to do, instead of a long traceback.
    ``engine`` may ask for ``"host"`` (a Docker of your own) or ``"machine"`` (one that Drydock boots).
    """
    magics.load()
    ipython_errors.install()
    return discovery.start(engine)
