"""The variables with which a shell finds a lesson's docker command before any other, and Drydock's own commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return PATH with our docker command first and Drydock's commands last, and the Python that runs them.

    An editor may start a kernel without the environment's programs on PATH.
    """
    programs, commands = str(resources.files("drydock.learn") / "bin"), str(Path(sys.executable).parent)
    folders = variables.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(dict.fromkeys([programs, *(folder for folder in folders if folder != programs), commands]))
    return {"PATH": path, "DRYDOCK_PYTHON": sys.executable}
