"""The artifacts for a machine that boots: from the cache, from the configured bundle, or built.

A bundle is preferred to building, where its file or its server can be reached; a line says which of the two happens.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator

from drydock.core.paths import cache_folder
from drydock.core.progress import print_line
from drydock.errors import BadBundle, DrydockError, FileUnusable
from drydock.machine.artifacts import bundle, bundle_source, machine_build
from drydock.machine.host import memory, preflight
from drydock.machine.store import artifact_cache
from drydock.machine.store.settings import machines_folder
from drydock.machine.supervisor import cmdline


def unavailable_reason() -> DrydockError | None:
    """Return the error that starting a machine would raise here, or None when a machine can be started."""
    return next(iter(obstacles()), None)


def obstacles() -> list[DrydockError]:
    """Return every error that is in the way of a machine here, each with what to do; within a second."""
    errors = list(_errors([preflight.check_platform, _check_folders]))
    checks = [_check_start, _check_kernel, _check_memory, _check_artifacts]
    return errors or list(_errors(checks))  # the other checks need the platform and the folders


def _errors(checks: Iterable[Callable[[], None]]) -> Iterator[DrydockError]:
    for check in checks:
        try:
            check()
        except DrydockError as error:
            yield error


def _check_folders() -> None:
    """Raise :class:`FileUnusable` where the folders of caches and machines can't be created or written."""
    try:
        for folder in (cache_folder(), machines_folder()):
            with tempfile.TemporaryFile(dir=folder):
                pass
    except OSError as error:
        raise FileUnusable(str(error.filename), error.strerror or str(error)) from None


def _check_start() -> None:
    preflight.check_start(cache_folder(), programs=not _expects_bundle())


def _check_kernel() -> None:
    cached = machine_build.find()
    preflight.check_system_calls(seccomp=cached is not None and cached.kernel.seccomp)


def _check_memory() -> None:
    """Raise the error for too little memory, or for a memory file that has no place."""
    cmdline.memory_folder(memory.choose_mb(None), machines_folder())


def _check_artifacts() -> None:
    if machine_build.find() is None and not _expects_bundle():
        preflight.check_build()


def _expects_bundle() -> bool:
    """Return whether the next start will install a bundle, as far as that is known without downloading it."""
    source = bundle_source.configured()
    return machine_build.find() is None and bool(source) and bundle_source.may_exist(source)


def artifacts(source: str | None = None) -> machine_build.Artifacts:
    """Return the artifacts with the kernel of a source; install a bundle or build if the cache does not have them.

    If two processes need them at the same time, one does the work and the other waits.
    """
    cached = machine_build.find(source)
    configured = bundle_source.configured()
    if cached is not None or not configured:
        return cached or machine_build.find_or_build(source)
    with artifact_cache.locked(cache_folder() / "bundle.lock", "Waiting for another process to unpack the bundle"):
        return machine_build.find(source) or _install_or_build(configured, source)


def _install_or_build(configured: str, source: str | None) -> machine_build.Artifacts:
    """Install the bundle; if it can't be used, print why and build. Where nothing can be built, raise its error."""
    print_line(
        f"Using the bundle {bundle_source.address(configured)}; the machine's kernel and base disk are not built."
    )
    try:
        return bundle.install(configured)
    except BadBundle as error:
        try:
            preflight.check_build()
        except DrydockError:
            raise error from None
        print_line(f"{error.what} {error.why} The kernel and the base disk are built here instead.")
    return machine_build.find_or_build(source)
