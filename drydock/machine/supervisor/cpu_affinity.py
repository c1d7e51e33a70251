"""The CPU that a machine is pinned to."""

from __future__ import annotations

import json
import os

from drydock.machine.store.settings import machines_folder


def least_used() -> int:
    """Return the allowed CPU to which the fewest running machines are pinned."""
    allowed = sorted(os.sched_getaffinity(0))
    counts = dict.fromkeys(allowed, 0)
    for file in machines_folder().glob("*/state.json"):
        try:
            state = json.loads(file.read_text())
            os.kill(state["pid"], 0)
            counts[state["cpu"]] += 1
        except (OSError, ValueError, KeyError):
            continue
    return min(allowed, key=lambda cpu: counts[cpu])
