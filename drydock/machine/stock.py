"""The parts for a machine that is to boot: from the cache, from the bundle that ``DRYDOCK_BUNDLE`` names, or built."""

from __future__ import annotations

import os

from drydock.machine import build, bundle, cache
from drydock.paths import cache_folder

#: A file or an address to take the parts from where the cache has none; see :mod:`drydock.machine.bundle`.
VARIABLE = "DRYDOCK_BUNDLE"


def parts(source: str | None = None) -> build.Parts:
    """The parts, unpacked or built where the cache has none; of two who want them at once, one waits for the other."""
    found = build.ready(source)
    named = os.environ.get(VARIABLE)
    if found is not None or not named:
        return found or build.build(source)
    with cache.locked(cache_folder() / "bundle.lock", "Waiting for the machine's parts to be unpacked"):
        return build.ready(source) or bundle.take(named)
