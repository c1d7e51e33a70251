"""The package a Drydock notebook stands on.

>>> import drydock
>>> drydock.start()

A command of ``drydock`` imports this package too, so its parts are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drydock.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from drydock.core.paths import LABEL
    from drydock.engine import Engine
    from drydock.links import Link, link
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "LABEL": "drydock.core.paths",
            "Engine": "drydock.engine.engine",
            "Link": "drydock.links",
            "link": "drydock.links",
        },
    )

__all__ = ["LABEL", "Engine", "Link", "link", "start"]


def start(engine: str | None = None) -> Engine:
    """Find a Docker daemon, or boot one, and make this notebook use it; also bring the ``%%expect`` magic.

    A later cell that finds that Docker gone says so, and what to do, instead of a long traceback.
    ``engine`` may ask for ``"host"`` (a Docker of your own) or ``"machine"`` (one that Drydock boots).
    """
    from drydock import magics
    from drydock.engine import discovery
    from drydock.learn import ipython_errors

    magics.load()
    ipython_errors.watch()
    return discovery.start(engine)
