"""The whole benchmark: which daemons are measured, rounds in turns, and the medians of each daemon."""

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
from drydock.machine.bench import daemons, file_copy, port_traffic, results_table, workload
from drydock.machine.bench.daemons import Daemon
from drydock.machine.bench.image_archive import ImageArchive
from drydock.machine.bench.results_table import Figures
from drydock.machine.supervisor import cpu_affinity

#: The measured values of one daemon, by the names of the figures.
Samples = defaultdict[str, list[float]]
#: The largest number of boots when only a machine and the host's daemon are measured.
_MAX_BOOTS = 3


def bench(rounds: int = 5, *, all_daemons: bool = False) -> dict[str, Any]:
    """Measure a new machine beside the host's daemon and return figures, their ratio, and the circumstances.

    The figures are medians of ``rounds`` rounds, in which the daemons take turns. ``all_daemons`` adds the other kernel
    and QEMU, boots once for each round, and loads images. In the result, ``machine`` and ``host`` have the figures
    (``host`` is None without a daemon that has our images), ``ratio`` their quotients, ``daemons`` the figures of each
    daemon, and ``absent`` the reason for each daemon that was not measured.
    """
    when, load_before = datetime.datetime.now().astimezone(), os.getloadavg()[0]
    with ExitStack() as stack:
        present, absent = _open(stack, rounds, all_daemons)
        figures = _measure(present, rounds, loading=all_daemons)
    machine, host = figures[present[0].name], figures.get("host")
    return {
        "machine": machine,
        "host": host,
        "ratio": results_table.ratio(machine, host),
        "daemons": figures,
        "absent": absent,
        "rounds": rounds,
        "when": when.isoformat(timespec="minutes"),
        "cpus": len(os.sched_getaffinity(0)),
        "load": [round(load_before, 1), round(os.getloadavg()[0], 1)],
    }


def _open(stack: ExitStack, rounds: int, all_daemons: bool) -> tuple[list[Daemon], dict[str, str]]:
    """Return the daemons, the default machine first, and the reason for each daemon that is absent."""
    cpu, default = cpu_affinity.least_used(), kernel_source.default()
    sources, absent = [default], {}
    if all_daemons and default == CompiledKernel.name:
        sources.append(DebianKernel.name)
    elif all_daemons:
        absent[CompiledKernel.name] = "not in the cache (drydock machine build --kernel compiled)"
    for source in sources:
        machine_build.find_or_build(source)
    with step("Booting the daemons to measure"):
        present = daemons.machines(stack, sources, cpu, rounds if all_daemons else min(rounds, _MAX_BOOTS))
        others = {"host": daemons.host(stack)}
        if all_daemons:
            others["qemu"] = _qemu(stack, cpu)
    present += [daemon for daemon, _ in others.values() if daemon is not None]
    return present, absent | {name: reason for name, (daemon, reason) in others.items() if daemon is None}


def _qemu(stack: ExitStack, cpu: int) -> tuple[Daemon | None, str]:
    try:
        return daemons.emulated(stack, cpu)
    except DrydockError as error:
        return None, error.what


def _measure(present: list[Daemon], rounds: int, *, loading: bool) -> dict[str, Figures]:
    idle_mb = {daemon.name: daemon.resident_mb() for daemon in present}
    samples = {daemon.name: Samples(list) for daemon in present}
    for number in range(rounds):
        with step(f"Round {number + 1} of {rounds}"):
            for daemon in present:
                _measure_round(daemon, samples[daemon.name])
                if number == 0 or not daemon.slow:
                    _measure_transfers(daemon, samples[daemon.name])
    if loading:
        _measure_loading(present, rounds, samples)
    return {daemon.name: _medians(daemon, samples[daemon.name], idle_mb[daemon.name]) for daemon in present}


def _medians(daemon: Daemon, samples: Samples, idle_mb: float) -> Figures:
    values = {"api_s": daemon.boots, **samples}
    medians = {name: statistics.median(values[name]) for name in results_table.ROWS if values.get(name)}
    if idle_mb:
        medians["rss_mb"] = idle_mb
    return {name: results_table.rounded(name, value) for name, value in medians.items()}


def _measure_round(daemon: Daemon, samples: Samples) -> None:
    for name, task in workload.TASKS.items():
        before = daemon.cpu_seconds()
        samples[name].append(task(daemon.client))
        if name == "run_s":
            samples["cpu_s"].append(daemon.cpu_seconds() - before)
    for name, seconds in workload.run_phases(daemon.client).items():
        samples[name].append(seconds)


def _measure_transfers(daemon: Daemon, samples: Samples) -> None:
    """Measure the daemon's edge: a published port, and ``docker cp``."""
    figures = port_traffic.measure(daemon.client, daemon.binding) | file_copy.measure(daemon.client, daemon.endpoint)
    for name, value in figures.items():
        samples[name].append(value)


def _measure_loading(present: list[Daemon], rounds: int, samples: dict[str, Samples]) -> None:
    with step("Loading images"), tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        archive = ImageArchive(present[0].client, Path(folder))
        for number in range(rounds):
            for daemon in present:
                if number == 0 or not daemon.slow:
                    samples[daemon.name]["load_mb_s"].append(archive.load(daemon.client))
