"""The platform of this computer, and whether Drydock machines can run on it."""

from __future__ import annotations

import platform
from typing import Final

#: The name of the machine that is used if none is named.
DEFAULT_MACHINE: Final = "default"
#: The reason why there are no machines on other platforms; the end of a sentence.
NO_MACHINES: Final = "Drydock machines run on Linux x86-64 only; this computer needs Docker itself"


def supports_machines() -> bool:
    """Return whether Drydock machines can run on this platform."""
    return (platform.system(), platform.machine()) == ("Linux", "x86_64")


def describe() -> str:
    """Return the operating system, its release and the architecture in a few words."""
    return f"{platform.system()} {platform.release()} on {platform.machine()}"
