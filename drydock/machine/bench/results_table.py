"""The rows of the results, their ratios, and the table that is printed."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

#: One daemon's medians, by the names of the rows.
Figures = dict[str, float]

#: The title of each row, in the order of the table.
ROWS = {
    "api_s": "until the API answers, s",
    "run_s": "run --rm, s",
    "create_s": "  of it: create",
    "start_s": "  start",
    "wait_s": "  until it has exited",
    "remove_s": "  remove",
    "exec_s": "exec, s",
    "build_s": "build of three steps, s",
    "network_s": "network create + rm, s",
    "burst_answered": "of 200 at once, answered",
    "burst_s": "  the longest, s",
    "port_in_mb_s": "published port, MB/s in",
    "port_out_mb_s": "  out",
    "cp_in_mb_s": "docker cp, MB/s in",
    "cp_out_mb_s": "  out",
    "load_mb_s": "image load, MB/s",
    "rss_mb": "resident when idle, MB",
    "cpu_s": "CPU time of a run, s",
}

#: The title of each daemon's column.
TITLES = {"compiled": "compiled", "debian": "Debian", "host": "host", "qemu": "QEMU"}
#: What each title means, printed below the table.
_MEANINGS = {
    "compiled": "a machine on the compiled kernel",
    "debian": "a machine on Debian's kernel",
    "host": "this computer's own daemon",
    "qemu": "the machine's disk in QEMU's software emulation",
}


def rounded(name: str, value: float) -> float:
    """Round a figure to its precision: milliseconds, hundredths of a second for a boot, tenths of an MB."""
    return round(value, 1 if "mb" in name else {"api_s": 2}.get(name, 3))


def ratio(figures: Figures, base: Figures | None) -> Figures:
    """Return each figure divided by the same figure of ``base``, if both have it."""
    return {name: round(value / base[name], 2) for name, value in figures.items() if base and base.get(name)}


def show(result: dict[str, Any], console: Console) -> None:
    """Print the table, what its columns are, the absent daemons with reasons, and the date and load of the run."""
    figures, (before, after) = result["daemons"], result["load"]
    console.print(_table(figures))
    lines = ["; ".join(f"{TITLES[name]}: {_MEANINGS[name]}" for name in figures)]
    lines += [f"Without {TITLES[name]}: {reason}" for name, reason in result["absent"].items()]
    lines += [f"{result['when'][:10]}: medians of {result['rounds']}, measured in turns on {result['cpus']} CPUs"]
    lines[-1] += f" (load {before} before, {after} after)"
    lines += ["QEMU was booted once; loading, docker cp and its port were measured once"] if "qemu" in figures else []
    for line in lines:
        console.print(f"{line}.", markup=False, soft_wrap=True)


def _table(figures: dict[str, Figures]) -> Table:
    """Return a table with a column for each daemon, then machine / host, then QEMU / machine."""
    machine = next(iter(figures))
    pairs = [(top, base) for top, base in ((machine, "host"), ("qemu", machine)) if top in figures and base in figures]
    titles = [*(TITLES[name] for name in figures), *(f"{TITLES[top]} /\n{TITLES[base]}" for top, base in pairs)]
    table = Table("", *titles, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    columns = [*figures.values(), *(ratio(figures[top], figures[base]) for top, base in pairs)]
    for name, title in ROWS.items():
        if any(name in column for column in columns):
            table.add_row(title, *(f"{column[name]:g}" if name in column else "-" for column in columns))
    return table
