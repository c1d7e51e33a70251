"""The artifacts for a machine that boots: from the cache, from the bundle that ``DRYDOCK_BUNDLE`` names, or built."""

from __future__ import annotations

import os

from drydock.core.paths import cache_folder
from drydock.errors import DrydockError
from drydock.machine.artifacts import bundle, machine_build
from drydock.machine.host import memory, preflight
from drydock.machine.store import artifact_cache

#: The environment variable with a path or URL of a bundle; see :mod:`drydock.machine.artifacts.bundle`.
VARIABLE = "DRYDOCK_BUNDLE"


def unavailable_reason() -> DrydockError | None:
    """Return the error that starting a machine would raise here, or None when a machine can be started."""
    try:
        preflight.check_start(cache_folder())
        memory.choose_mb(None)
        if machine_build.find() is None and not os.environ.get(VARIABLE):
            preflight.check_build()
    except DrydockError as error:
        return error
    return None


def artifacts(source: str | None = None) -> machine_build.Artifacts:
    """Return the artifacts with the kernel of a source; install a bundle or build if the cache does not have them.

    If two processes need them at the same time, one does the work and the other waits.
    """
    cached = machine_build.find(source)
    bundle_source = os.environ.get(VARIABLE)
    if cached is not None or not bundle_source:
        return cached or machine_build.find_or_build(source)
    with artifact_cache.locked(cache_folder() / "bundle.lock", "Waiting for another process to unpack the bundle"):
        return machine_build.find(source) or bundle.install(bundle_source)
