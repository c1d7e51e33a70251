"""The package a Drydock notebook stands on.

>>> import drydock
>>> drydock.start()
"""

from __future__ import annotations

from drydock import expect, lost
from drydock.browse import Link, link
from drydock.engine import Engine
from drydock.engine import start as _start
from drydock.paths import LABEL

__all__ = ["LABEL", "Engine", "Link", "link", "start"]


def start(engine: str | None = None) -> Engine:
    """Find a Docker daemon, or boot one, and make this notebook use it; also bring the ``%%expect`` magic.

    A later cell that finds that Docker gone says so, and what to do, instead of a long traceback.
    ``engine`` may ask for ``"host"`` (a Docker of your own) or ``"machine"`` (one that Drydock boots).
    """
    expect.load()
    lost.watch()
    return _start(engine)
