"""The whole run: who takes part, rounds in turns, and the figures of each side."""

from __future__ import annotations

import datetime
import os
import statistics
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from drydock.core.progress import step
from drydock.errors import DrydockError
from drydock.machine.artifacts import kernel_source, machine_build
from drydock.machine.artifacts.kernel_build import CompiledKernel
from drydock.machine.artifacts.kernel_source import DebianKernel
from drydock.machine.bench import daemons, results_table, workload
from drydock.machine.bench.daemons import Side
from drydock.machine.bench.image_archive import Archive
from drydock.machine.bench.results_table import Figures
from drydock.machine.supervisor import cpu_affinity

Taken = defaultdict[str, list[float]]
#: Boots of our machine where only a glance at it is asked for.
_FEW = 3


def bench(rounds: int = 5, *, everybody: bool = False) -> dict[str, Any]:
    """Figures of a fresh machine, of the host's daemon (None without one or without our images), and their ratio.

    They are medians of ``rounds``, taken in turns. ``everybody``: on both kernels and in QEMU too, with as many boots
    as rounds, and images loaded. ``sides`` has the figures of each, ``absent`` the reasons of who is not there.
    """
    when, before = datetime.datetime.now().astimezone(), os.getloadavg()[0]
    with ExitStack() as stack:
        present, absent = _open(stack, rounds, everybody)
        figures = _measure(present, rounds, loading=everybody)
    ours, host = figures[present[0].name], figures.get("host")
    return {
        "machine": ours,
        "host": host,
        "ratio": results_table.ratio(ours, host),
        "sides": figures,
        "absent": absent,
        "rounds": rounds,
        "when": when.isoformat(timespec="minutes"),
        "cpus": len(os.sched_getaffinity(0)),
        "load": [round(before, 1), round(os.getloadavg()[0], 1)],
    }


def _open(stack: ExitStack, rounds: int, everybody: bool) -> tuple[list[Side], dict[str, str]]:
    """Boot or find each side, the machine as it is used by default first; and the reason for each that is absent."""
    cpu, best = cpu_affinity.least_used(), kernel_source.default()
    sources, absent = [best], {}
    if everybody and best == CompiledKernel.name:
        sources.append(DebianKernel.name)
    elif everybody:
        absent[CompiledKernel.name] = "not in the cache (drydock machine build --kernel compiled)"
    for source in sources:
        machine_build.build(source)
    with step("Booting what is measured"):
        present = daemons.machines(stack, sources, cpu, rounds if everybody else min(rounds, _FEW))
        others = {"host": daemons.host(stack)}
        if everybody:
            others["qemu"] = _qemu(stack, cpu)
    present += [side for side, _ in others.values() if side is not None]
    return present, absent | {name: reason for name, (side, reason) in others.items() if side is None}


def _qemu(stack: ExitStack, cpu: int) -> tuple[Side | None, str]:
    try:
        return daemons.emulated(stack, cpu)
    except DrydockError as error:
        return None, error.what


def _measure(present: list[Side], rounds: int, *, loading: bool) -> dict[str, Figures]:
    idle = {side.name: side.resident_mb() for side in present}
    taken = {side.name: Taken(list) for side in present}
    for turn in range(rounds):
        with step(f"Round {turn + 1} of {rounds}"):
            for side in present:
                _round(side, taken[side.name])
    if loading:
        _load(present, rounds, taken)
    figures = {}
    for side in present:
        values = {"api_s": side.boots, **taken[side.name]}
        medians = {name: statistics.median(values[name]) for name in results_table.ROWS if values.get(name)}
        if idle[side.name]:
            medians["rss_mb"] = idle[side.name]
        figures[side.name] = {name: results_table.rounded(name, value) for name, value in medians.items()}
    return figures


def _round(side: Side, taken: Taken) -> None:
    for name, task in workload.TIMES.items():
        before = side.cpu_seconds()
        taken[name].append(task(side.client))
        if name == "run_s":
            taken["cpu_s"].append(side.cpu_seconds() - before)
    for name, seconds in workload.parts(side.client).items():
        taken[name].append(seconds)


def _load(present: list[Side], rounds: int, taken: dict[str, Taken]) -> None:
    with step("Loading images"), tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        archive = Archive(present[0].client, Path(folder))
        for turn in range(rounds):
            for side in present:
                if turn == 0 or not side.slow:
                    taken[side.name]["load_mb_s"].append(archive.load(side.client))
