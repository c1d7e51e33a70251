"""Stands in for ``drydock/__init__.py`` in the kernel container, where the engine was chosen before the notebook ran.

So ``drydock.start()`` costs nothing there, and the image needs none of what it takes to find or boot a daemon.
"""

from __future__ import annotations


def start(engine: str | None = None) -> None:
    """Bring the ``%%expect`` magic; the daemon is there already."""
    from drydock import magics

    magics.load()
