"""``autograder doctor``: which walls can stand around a submission on this computer, and what to do where one can't."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.errors import NotIsolated
from autograder.sandbox.grading_config import GradingConfig
from autograder.sandbox.machine_sandbox import INNER
from drydock.machine.isolation import backends, bubblewrap, docker_container

_KEEPS = {
    "bubblewrap": "no file, process or network of this computer is in reach",
    "container": "the same, by Docker's means where bubblewrap can't be had",
    "machine": "a kernel of the submission's own, thrown away with its daemon",
    "guard": "the daemon refuses privileges, the host's namespaces and what is the grader's",
}


def terms(no_walls: bool) -> GradingConfig:
    """Return the configuration; raise :class:`~autograder.errors.NotIsolated` where isolation is missing."""
    if no_walls:
        return GradingConfig(settings={"walls": False})
    obstacle = backends.why_not()
    if obstacle:
        raise NotIsolated(*obstacle)
    return GradingConfig()


def look() -> dict[str, Any]:
    """``ok``, the walls that can stand, and why one can't (empty) and what would help."""
    why, next = backends.why_not() or ("", "")
    standing = [backends.choose().NAME, *INNER] if not why else list(INNER[:1])
    return {"ok": not why, "walls": standing, "why": why, "next": next}


def main(as_json: bool) -> int:
    """Tell it; the exit code is 0 when all walls can stand."""
    seen = look()
    out = Console(highlight=False)
    if as_json:
        print(json.dumps(seen))
        return 0 if seen["ok"] else 1
    table = Table("wall", "stands", "what it keeps")
    for wall in _KEEPS:
        table.add_row(wall, _stands(wall, seen["walls"]), _KEEPS[wall])
    out.print(table)
    if not seen["ok"]:
        out.print(f"{seen['why']}\n  Next: {seen['next']}", markup=False)
    return 0 if seen["ok"] else 1


def _stands(wall: str, standing: Sequence[str]) -> str:
    """One of the outermost walls is enough: the one after it is not even tried."""
    if wall in standing:
        return "yes"
    return "not needed" if wall == docker_container.NAME and bubblewrap.NAME in standing else "no"
