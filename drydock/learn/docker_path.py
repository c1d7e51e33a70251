"""Where a lesson's docker command is: the variables with which a shell finds it before any other."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import resources


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with our docker command first on PATH, and with the Python that runs it."""
    programs = str(resources.files("drydock.learn") / "bin")
    folders = variables.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join([programs, *(folder for folder in folders if folder != programs)])
    return {"PATH": path, "DRYDOCK_PYTHON": sys.executable}
