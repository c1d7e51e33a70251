"""Errors of machine artifacts: the kernel, the base disk, and bundles of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drydock.errors.base import DrydockError


class BrokenCache(DrydockError):
    """A cached file that changed after it was built; sizes in bytes, ``actual`` None when the file is missing."""

    def __init__(self, file: Path, expected: int, actual: int | None) -> None:
        size = "is missing now" if actual is None else f"has {actual} bytes now"
        super().__init__(
            f"{file.name}, a file that machines boot from, is damaged.",
            why=f"It had {expected} bytes when it was built and {size} ({file}).",
            next="Build it again: drydock machine build --again",
        )


class BaseDiskMissing(DrydockError):
    """A machine's own disk whose base disk was removed from the cache."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "The base disk below this machine's own disk is missing.",
            why=f"{folder} does not exist. The own disk stores only the differences from that base disk.",
            next="Give the machine a new disk (the old one's content is lost): "
            "drydock machine upgrade --fresh-disk NAME",
        )


class KernelOptionDropped(DrydockError):
    """Lines of ``kernel.config`` that are missing from the kernel's final configuration."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(
            f"The kernel configuration lost these options: {', '.join(lines)}.",
            why="Kconfig drops an option silently when its name is misspelt or removed, or a dependency is not set.",
            next="Correct drydock/machine/artifacts/kernel.config and build again.",
        )


class KernelOptionUnknown(DrydockError):
    """Options of ``kernel.config`` that a version of the kernel no longer has, or never had."""

    def __init__(self, names: Sequence[str], source: str) -> None:
        super().__init__(
            f"The kernel's source {source} does not have these options: {', '.join(names)}.",
            why="Each version of Linux renames and removes options; or the name is misspelt.",
            next="Look up what has replaced them, correct drydock/machine/artifacts/kernel.config and build again.",
        )


class KernelSourceMissing(DrydockError):
    """A Debian suite without a kernel source that is new enough; ``packages`` are the sources that it has."""

    def __init__(self, version: str, packages: Sequence[str]) -> None:
        super().__init__(
            f"Debian has no kernel source of version {version} or later.",
            why=f"The suite and its backports have: {', '.join(sorted(packages)) or 'none'}.",
            next="Use Debian's kernel, which needs no compiler: drydock machine build --kernel debian",
        )


class BadBundle(DrydockError):
    """A bundle of machine artifacts that can't be installed; the cache was not changed."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(
            f"{source} can't be used as a bundle.",
            why=f"{why}. Nothing was installed.",
            next="Get the bundle again from the person who made it, or build here: drydock machine build",
        )
