"""The parts for a machine that is to boot: from the cache, from the bundle that ``DRYDOCK_BUNDLE`` names, or built."""

from __future__ import annotations

import os

from drydock.core.paths import cache_folder
from drydock.errors import DrydockError
from drydock.machine.artifacts import bundle, machine_build
from drydock.machine.host import memory, preflight
from drydock.machine.store import artifact_cache

#: A file or an address to take the parts from where the cache has none; see :mod:`drydock.machine.artifacts.bundle`.
VARIABLE = "DRYDOCK_BUNDLE"


def why_not() -> DrydockError | None:
    """Return what keeps a machine from running here, or None when nothing does."""
    try:
        preflight.check_start(cache_folder())
        memory.choose_mb(None)
        if machine_build.ready() is None and not os.environ.get(VARIABLE):
            preflight.check_build()
    except DrydockError as error:
        return error
    return None


def parts(source: str | None = None) -> machine_build.Artifacts:
    """The parts, unpacked or built where the cache has none; of two who want them at once, one waits for the other."""
    found = machine_build.ready(source)
    named = os.environ.get(VARIABLE)
    if found is not None or not named:
        return found or machine_build.build(source)
    with artifact_cache.locked(cache_folder() / "bundle.lock", "Waiting for the machine's parts to be unpacked"):
        return machine_build.ready(source) or bundle.take(named)
