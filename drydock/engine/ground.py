"""The computer we stand on: what it is, and whether a machine can exist on it at all."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Final

from drydock.errors import BadSetting

#: The machine that is used when nobody names one.
DEFAULT: Final = "default"
#: Said where no machine can be.
WHERE: Final = "machines exist on Linux x86-64 only; here it takes a Docker of your own"


def is_possible() -> bool:
    """Whether this is a system for which there are machines."""
    return (platform.system(), platform.machine()) == ("Linux", "x86_64")


def shareable(folder: Path) -> list[Path]:
    """The folder, or nothing where a machine could not show it: the system's own folders are its own in there."""
    if not is_possible():
        return []
    from drydock.machine import Machine

    try:
        Machine(DEFAULT, shares=[folder])
    except BadSetting:
        return []
    return [folder]


def describe() -> str:
    """Name this computer in a few words."""
    return f"{platform.system()} {platform.release()} on {platform.machine()}"
