"""A thousand runs, two hundred builds, a hundred starts and stops of machines, and kills of their parts at random.

``python -m tests.stress.soak [--size 1.0] [--seed 1]``: ``--size 0.1`` does a tenth. At the end a table shows what
leaked: processes, sockets, memory, disk. The whole takes more than half an hour, so it runs at night.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import docker

from drydock.core.waiting import wait_for
from drydock.errors import DrydockError
from drydock.machine import Machine
from drydock.machine.host import process_usage
from tests.leaks import SESSION, Run, processes
from tests.machines import BUSYBOX
from tests.stress.gauge import is_flat, quarters

_RUNS, _BUILDS, _STARTS = 1000, 200, 100
#: So many times memory and disk are measured during runs and builds.
_SAMPLES = 20
#: Growth below this is no leak: a new disk's journal fills up to 32 MB before it is written over; MB.
_WARM_UP = 48
#: The processes of a machine that are killed, and nothing for a machine that is stopped in order.
_PARTS = ("supervisor", "kernel", "network", "")


@dataclass
class Samples:
    """What was in use during runs and builds, one value for each measurement: MB, MB, number of open sockets."""

    memory: list[int]
    disk: list[int]
    sockets: list[int]


def main() -> int:
    """Run the test and print the table; return 0 if nothing leaked."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.soak")
    parser.add_argument("--size", type=float, default=1.0, help="the part of the whole that is done")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    run, began = Run(), time.monotonic()
    variable = f"{SESSION}={os.environ[SESSION]}"
    chance = random.Random(options.seed)
    runs, builds, starts = (max(int(number * options.size), 1) for number in (_RUNS, _BUILDS, _STARTS))
    try:
        samples = _use(runs, builds, chance)
        killed = Counter(_start_and_end(variable, chance) for _ in range(starts))
    finally:
        leftovers = run.close()
    print(f"{runs} runs, {builds} builds, {starts} starts in {time.monotonic() - began:.0f} s")
    ends = [f"{count} by {f'a kill of the {part}' if part else 'stop'}" for part, count in killed.items()]
    print("machines ended:", ", ".join(ends))
    return _report(samples, leftovers)


def _use(runs: int, builds: int, chance: random.Random) -> Samples:
    """Run containers and build images in one machine, in random order; some containers are killed."""
    samples = Samples([], [], [])
    tasks = [*repeat(_build, builds), *repeat(_kill, runs // 10), *repeat(_run, runs - runs // 10)]
    chance.shuffle(tasks)
    with Machine(memory_mb=1024) as machine, closing(machine.client()) as client:
        for number, task in enumerate(tasks):
            task(client)
            if number % max(len(tasks) // _SAMPLES, 1) == 0:
                _measure(machine, samples)
        assert client.containers.list(all=True) == [], "containers are left in the machine"
    return samples


def _run(client: docker.DockerClient) -> None:
    # After a container's end dockerd waits two seconds for its last output (moby, daemon/monitor.go). On a busy
    # computer that may be too short, but not twice in a row.
    assert any(client.containers.run(BUSYBOX, "echo yes", remove=True) == b"yes\n" for _ in range(2))


def _kill(client: docker.DockerClient) -> None:
    container = client.containers.run(BUSYBOX, "sleep 600", detach=True)
    container.kill()
    assert container.wait()["StatusCode"] == 128 + signal.SIGKILL
    container.remove()


def _build(client: docker.DockerClient) -> None:
    dockerfile = io.BytesIO(f"FROM {BUSYBOX}\nRUN echo one > /one\nRUN echo two > /two\n".encode())
    image, _ = client.images.build(fileobj=dockerfile, nocache=True, rm=True, forcerm=True)
    client.images.remove(str(image.id), force=True)


def _measure(machine: Machine, samples: Samples) -> None:
    """Add what the machine's processes use; unused blocks of its disk are returned first."""
    machine.ask("trim")
    pids = process_usage.process_tree(machine.supervisor_pid())
    samples.memory.append(round(process_usage.resident_mb(pids)))
    samples.disk.append(sum(file.lstat().st_blocks for file in machine.folder.rglob("*")) * 512 >> 20)
    samples.sockets.append(sum(map(_open_sockets, pids)))


def _open_sockets(pid: int) -> int:
    number = 0
    with suppress(OSError):  # it ended meanwhile
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                number += str(file.readlink()).startswith("socket:")
    return number


def _start_and_end(variable: str, chance: random.Random) -> str:
    """Start a machine, kill one of its parts or stop it, and wait until its processes are gone; return the part."""
    part, machine = chance.choice(_PARTS), Machine(memory_mb=512)
    before = set(processes(variable))
    machine.start(owned=True, quiet=True)
    if part:
        os.kill(_pid_of(machine, part), signal.SIGKILL)
        wait_for(lambda: not machine.is_running(), "the machine to end", seconds=60)
    with suppress(DrydockError):
        machine.stop()
    wait_for(lambda: set(processes(variable)) <= before, "its processes to end", seconds=30)
    return part


def _pid_of(machine: Machine, part: str) -> int:
    supervisor = machine.supervisor_pid()
    if part == "supervisor":
        return supervisor
    if part == "kernel":
        return int(machine.instance.state()["kernel_pid"])
    tree = process_usage.process_tree(supervisor)
    return next(pid for pid in tree if Path(f"/proc/{pid}/comm").read_text().strip() == "slirp4netns")


def _report(samples: Samples, leftovers: list[str]) -> int:
    grown = []
    print("| in use, mean of each quarter | 1 | 2 | 3 | 4 |\n|---|--:|--:|--:|--:|")
    for title, values in (("memory, MB", samples.memory), ("disk, MB", samples.disk), ("sockets", samples.sockets)):
        print(f"| {title} | " + " | ".join(map(str, quarters(values))) + " |")
        grown += [] if is_flat(values) or values[-1] - values[0] < _WARM_UP else [title]
    print("\n| left at the end | |\n|---|--:|")
    for title, word in (("processes", "process"), ("machines", "machine"), ("folders for sockets", "folder")):
        print(f"| {title} | {sum(line.startswith(word) for line in leftovers)} |")
    print(*[f"WRONG: {title} grows" for title in grown], *[f"WRONG: {line}" for line in leftovers], sep="\n")
    return 1 if grown or leftovers else 0


if __name__ == "__main__":
    sys.exit(main())
