"""The computer we stand on: what it is, and whether a machine can exist on it at all."""

from __future__ import annotations

import platform
from typing import Final

#: The machine that is used when nobody names one.
DEFAULT: Final = "default"
#: Said where no machine can be.
WHERE: Final = "machines exist on Linux x86-64 only; here it takes a Docker of your own"


def is_possible() -> bool:
    """Whether this is a system for which there are machines."""
    return (platform.system(), platform.machine()) == ("Linux", "x86_64")


def describe() -> str:
    """Name this computer in a few words."""
    return f"{platform.system()} {platform.release()} on {platform.machine()}"
