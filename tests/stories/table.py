"""The table of assignments, checks and stories: ``python -m tests.stories.table [stem]``; with a stem, its checks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from autograder.check import checks_of
from tests.stories.write import source, stems, stories_of, verdict_of

_ALL = ["assignment", "checks", "points by checks", "points by a person", "stories", "full marks", "one check failed"]
_ONE = ["check", "points", "what it looks for", "stories that fail only it"]


def stories_table() -> str:
    """A row for each assignment."""
    return _markdown(_ALL, map(_row, stems()))


def checks_table(stem: str) -> str:
    """A row for each check of an assignment."""
    failures = _failures(stem)
    rows = []
    for one in checks_of(stem):
        names = [name for name, failed in failures.items() if failed == [one.id]]
        rows.append([f"`{one.look.__name__}`", f"{one.points:g}", one.line, ", ".join(names)])
    return _markdown(_ONE, rows)


def _row(stem: str) -> list[str]:
    failures, checks = _failures(stem), checks_of(stem)
    full = sum(not failed for failed in failures.values())
    alone = sum(len(failed) == 1 for failed in failures.values())
    points = sum(one.points for one in checks)
    return [
        f"`{stem}`",
        *(f"{number:g}" for number in (len(checks), points, _by_hand(stem), len(failures), full, alone)),
    ]


def _failures(stem: str) -> dict[str, list[str]]:
    """What each story fails."""
    states = {name: verdict_of(stem, story)["checks"] for name, story in stories_of(stem).items()}
    return {name: [one for one, state in its.items() if state == "failed"] for name, its in states.items()}


def _by_hand(stem: str) -> float:
    marks = [cell.metadata.get("nbgrader", {}) for cell in source(stem).cells]
    return float(sum(mark.get("points", 0) for mark in marks if mark.get("solution") or mark.get("task")))


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print(checks_table(sys.argv[1]) if sys.argv[1:] else stories_table())
