"""The host's Python for isolated scripts: without site-packages, so without Drydock."""

from __future__ import annotations

import sys
from pathlib import Path

_USR = Path("/usr")


def command(script: Path) -> list[str]:
    """Return the command line that runs a script which imports only the standard library."""
    return [str(_interpreter()), "-I", "-S", str(script)]


def required_paths(script: Path) -> list[Path]:
    """Return the paths that must be visible to run the script in isolation, where /usr is always visible."""
    return [script] if _interpreter().is_relative_to(_USR) else [Path(sys.base_prefix), script]


def _interpreter() -> Path:
    return Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
