"""A bundle of this computer's artifacts and programs, which tests share: compressing a gigabyte takes half a minute."""

from __future__ import annotations

from pathlib import Path

from drydock.machine.artifacts import bundle, machine_build, program_files
from drydock.machine.store import artifact_cache

NAME = "machine.bundle"


def bundle_file() -> Path:
    """Return the bundle, from the cache if it has the current artifacts in it."""
    artifacts = machine_build.find_or_build()
    parts: list[str | Path] = [artifacts.kernel.folder.name, artifacts.base.name, Path(program_files.__file__)]
    name = f"bundle-for-tests-{artifact_cache.key(parts)}"
    return artifact_cache.find_or_build(name, lambda folder, _: bundle.export(folder / NAME)) / NAME
