"""Kills parts of a running grading outright, now one and now another, and counts what it killed."""

from __future__ import annotations

import json
import os
import random
import signal
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from drydock.machine.store.settings import machines_folder
from tests.leaks import processes
from tests.stress.repeated import Repeated

#: What is killed, and how much oftener than the rarest: a machine has two parts that can be.
_WEIGHTS = {"worker": 4, "supervisor": 3, "kernel": 3, "coordinator": 1}
#: After so many without a new verdict, it waits for one: on a slow computer nothing would ever be graded.
_MOST_WITHOUT_VERDICT = 5


class Killer(Repeated):
    """Kills a process of ours every few seconds; ``variable`` is what all of them inherited.

    ``verdicts`` counts the verdicts so far.
    """

    def __init__(self, variable: str, every: float, seed: int, verdicts: Callable[[], int]) -> None:
        self._random = random.Random(seed)
        super().__init__(lambda: self._random.uniform(0.5, 1.5) * every)
        self.killed: Counter[str] = Counter()
        self._variable = variable
        self._verdicts = verdicts
        self._killed_at: deque[int] = deque(maxlen=_MOST_WITHOUT_VERDICT)

    def once(self) -> None:
        """Kill one, if there is one of the kind that is next, and the grading has gone on since the last ones."""
        verdicts = self._verdicts()
        if list(self._killed_at) == [verdicts] * _MOST_WITHOUT_VERDICT:
            return
        kinds, weights = zip(*_WEIGHTS.items(), strict=True)
        [kind] = self._random.choices(kinds, weights)
        pids = self._pids_of(kind)
        if pids:
            with suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(self._random.choice(pids), signal.SIGKILL)
                self.killed[kind] += 1
                self._killed_at.append(verdicts)

    def _pids_of(self, kind: str) -> list[int]:
        if kind == "kernel":
            return [pid for file in machines_folder().glob("*/state.json") if (pid := _kernel(file))]
        module = {"worker": "autograder.scheduling.worker", "coordinator": "autograder.cli"}.get(
            kind, "machine.supervisor"
        )
        lines = [line for line in processes(self._variable) if module in line]
        return [int(line.split()[1].rstrip(":")) for line in lines]


def _kernel(file: Path) -> int | None:
    """The process that is a machine's kernel, once that is known."""
    try:
        pid = json.loads(file.read_text()).get("kernel_pid")
    except (OSError, ValueError):
        return None
    return pid if isinstance(pid, int) else None
