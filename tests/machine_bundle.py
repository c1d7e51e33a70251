"""A bundle of this computer's artifacts, which tests share: compressing a gigabyte takes half a minute."""

from __future__ import annotations

from pathlib import Path

from drydock.machine.artifacts import bundle, machine_build
from drydock.machine.store import artifact_cache

NAME = "machine.bundle"


def bundle_file() -> Path:
    """Return the bundle, from the cache if it has the current artifacts in it."""
    artifacts = machine_build.find_or_build()
    name = f"bundle-for-tests-{artifact_cache.key([artifacts.kernel.folder.name, artifacts.base.name])}"
    return artifact_cache.find_or_build(name, lambda folder, _: bundle.export(folder / NAME)) / NAME
