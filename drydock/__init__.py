"""The package a Drydock notebook stands on.

>>> import drydock
>>> drydock.start()
"""

from __future__ import annotations

from drydock import expect
from drydock.browse import Link, link
from drydock.engine import Engine
from drydock.engine import start as _start
from drydock.paths import LABEL

__all__ = ["LABEL", "Engine", "Link", "link", "start"]


def start(engine: str | None = None) -> Engine:
    """Find a Docker daemon, or boot one, and make this notebook use it; also bring the ``%%expect`` magic.

    ``engine`` may ask for ``"host"`` (a Docker of your own) or ``"machine"`` (one that Drydock boots).
    """
    expect.load()
    return _start(engine)
