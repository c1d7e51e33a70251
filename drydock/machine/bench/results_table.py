"""Rows, ratios, and how they are shown to a person."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, float]

#: What each row is, in the order of the table.
ROWS = {
    "api_s": "until the API answers, s",
    "run_s": "run --rm, s",
    "create_s": "  of it: create",
    "start_s": "  start",
    "wait_s": "  until it has ended",
    "remove_s": "  remove",
    "exec_s": "exec, s",
    "build_s": "build of three steps, s",
    "network_s": "network create + rm, s",
    "load_mb_s": "image load, MB/s",
    "rss_mb": "resident when idle, MB",
    "cpu_s": "CPU time of a run, s",
}

#: What each side is called over its column.
SIDES = {"compiled": "compiled", "debian": "Debian", "host": "host", "qemu": "QEMU"}
#: The same, for a sentence.
_LONG = {"compiled": "our machine on the compiled kernel", "debian": "our machine on Debian's kernel"}
_LONG |= {"host": "the host's own daemon", "qemu": "its disk in QEMU's emulation"}


def rounded(name: str, value: float) -> float:
    """A figure with as many digits as it is good for: milliseconds, hundredths of a boot, tenths of an MB."""
    return round(value, {"api_s": 2, "rss_mb": 1, "load_mb_s": 1}.get(name, 3))


def ratio(figures: Figures, base: Figures | None) -> Figures:
    """Each figure divided by the same one of ``base``, where both have it."""
    return {name: round(value / base[name], 2) for name, value in figures.items() if base and base.get(name)}


def show(result: dict[str, Any], console: Console) -> None:
    """The table, what its columns are, who is missing and why, and under which circumstances it was made."""
    sides, (before, after) = result["sides"], result["load"]
    console.print(_table(sides))
    lines = ["; ".join(f"{SIDES[name]}: {_LONG[name]}" for name in sides)]
    lines += [f"Without {SIDES[name]}: {reason}" for name, reason in result["absent"].items()]
    lines += [f"{result['when'][:10]}: medians of {result['rounds']}, taken in turns on {result['cpus']} CPUs"]
    lines[-1] += f" (load {before} before, {after} after)"
    lines += ["QEMU was booted once, and loaded once"] if "qemu" in sides else []
    for line in lines:
        console.print(f"{line}.", markup=False, soft_wrap=True)


def _table(sides: dict[str, Figures]) -> Table:
    """A column a side, then our machine beside the host's daemon, and QEMU beside our machine."""
    best = next(iter(sides))
    pairs = [(one, other) for one, other in ((best, "host"), ("qemu", best)) if one in sides and other in sides]
    heads = [*(SIDES[name] for name in sides), *(f"{SIDES[one]} /\n{SIDES[other]}" for one, other in pairs)]
    table = Table("", *heads, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    columns = [*sides.values(), *(ratio(sides[one], sides[other]) for one, other in pairs)]
    for name, title in ROWS.items():
        if any(name in column for column in columns):
            table.add_row(title, *(f"{column[name]:g}" if name in column else "-" for column in columns))
    return table
