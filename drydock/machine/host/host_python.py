"""Python behind a wall: its own interpreter, without the environment that Drydock is installed in."""

from __future__ import annotations

import sys
from pathlib import Path

_USR = Path("/usr")


def words(script: Path) -> list[str]:
    """The words that run a script which stands alone, with nothing of ours on its path."""
    return [str(_program()), "-I", "-S", str(script)]


def seen(script: Path) -> list[Path]:
    """What such a script must see behind a wall, where /usr is seen anyway."""
    return [path for path in (Path(sys.base_prefix), script) if not _program().is_relative_to(_USR) or path == script]


def _program() -> Path:
    return Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
