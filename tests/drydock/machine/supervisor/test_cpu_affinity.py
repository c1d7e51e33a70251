"""The CPU that a machine is pinned to."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from drydock.machine.store.settings import machines_folder
from drydock.machine.supervisor import cpu_affinity


def test_the_least_used_cpu(user_folders: Path) -> None:
    """The allowed CPU with the fewest running machines is chosen; machines that have ended don't count."""
    first, *others = sorted(os.sched_getaffinity(0))

    def machine(name: str, pid: int, cpu: int) -> None:
        folder = machines_folder() / name
        folder.mkdir()
        (folder / "state.json").write_text(json.dumps({"pid": pid, "cpu": cpu}))

    assert cpu_affinity.least_used() == first
    machine("one", os.getpid(), first)
    machine("damaged", os.getpid(), 4096)
    (machines_folder() / "damaged" / "state.json").write_text("{")
    assert cpu_affinity.least_used() == (others or [first])[0]
    with subprocess.Popen(["true"]) as ended:
        pass
    for number, cpu in enumerate(others):
        machine(f"ended{number}", ended.pid, cpu)
    assert cpu_affinity.least_used() == (others or [first])[0]
