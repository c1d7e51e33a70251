"""``autograder doctor``: which walls can stand around a submission on this computer, and what to do where one can't."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.errors import Unwalled
from autograder.sandbox import WALLS
from autograder.terms import Terms
from drydock.machine import walls

_KEEPS = {
    "bubblewrap": "no file, process or network of this computer is in reach",
    "machine": "a kernel of the submission's own, thrown away with its daemon",
    "guard": "the daemon refuses privileges, the host's namespaces and what is the grader's",
}


def terms(no_walls: bool) -> Terms:
    """The terms to grade on; raises :class:`~autograder.errors.Unwalled` where none can stand and none was waived."""
    if no_walls:
        return Terms(settings={"walls": False})
    obstacle = walls.why_not()
    if obstacle:
        raise Unwalled(*obstacle)
    return Terms()


def look() -> dict[str, Any]:
    """``ok``, the walls that can stand, and why one can't (empty) and what would help."""
    why, next = walls.why_not() or ("", "")
    standing = list(WALLS) if not why else list(WALLS[1:2])
    return {"ok": not why, "walls": standing, "why": why, "next": next}


def main(as_json: bool) -> int:
    """Tell it; the exit code is 0 when all walls can stand."""
    seen = look()
    out = Console(highlight=False)
    if as_json:
        print(json.dumps(seen))
        return 0 if seen["ok"] else 1
    table = Table("wall", "stands", "what it keeps")
    for wall in WALLS:
        table.add_row(wall, "yes" if wall in seen["walls"] else "no", _KEEPS[wall])
    out.print(table)
    if not seen["ok"]:
        out.print(f"{seen['why']}\n  Next: {seen['next']}", markup=False)
    return 0 if seen["ok"] else 1
