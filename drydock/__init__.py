"""The package a Drydock notebook stands on.

>>> import drydock
>>> drydock.start()
"""

from __future__ import annotations

from drydock import magics
from drydock.core.paths import LABEL
from drydock.engine import Engine
from drydock.engine import start as _start
from drydock.learn import ipython_errors
from drydock.links import Link, link

__all__ = ["LABEL", "Engine", "Link", "link", "start"]


def start(engine: str | None = None) -> Engine:
    """Find a Docker daemon, or boot one, and make this notebook use it; also bring the ``%%expect`` magic.

    A later cell that finds that Docker gone says so, and what to do, instead of a long traceback.
    ``engine`` may ask for ``"host"`` (a Docker of your own) or ``"machine"`` (one that Drydock boots).
    """
    magics.load()
    ipython_errors.watch()
    return _start(engine)
