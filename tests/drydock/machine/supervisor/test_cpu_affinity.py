"""Machines spread over the CPUs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from drydock.machine.store.settings import machines_folder
from drydock.machine.supervisor import cpu_affinity


def test_the_least_used(home: Path) -> None:
    """Of the CPUs we may use, the one that the fewest living machines stay on; the dead don't count."""
    first, *others = sorted(os.sched_getaffinity(0))

    def machine(name: str, pid: int, cpu: int) -> None:
        folder = machines_folder() / name
        folder.mkdir()
        (folder / "state.json").write_text(json.dumps({"pid": pid, "cpu": cpu}))

    assert cpu_affinity.least_used() == first
    machine("one", os.getpid(), first)
    machine("half", os.getpid(), 4096)
    (machines_folder() / "half" / "state.json").write_text("{")
    assert cpu_affinity.least_used() == (others or [first])[0]
    with subprocess.Popen(["true"]) as ended:
        pass
    for place, cpu in enumerate(others):
        machine(f"dead{place}", ended.pid, cpu)
    assert cpu_affinity.least_used() == (others or [first])[0]
