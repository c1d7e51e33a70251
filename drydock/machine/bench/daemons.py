"""Who is measured: each side is a daemon that runs, with the means to say what it costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.errors import DockerException

from drydock.core.endpoint import Endpoint
from drydock.machine.artifacts import machine_build
from drydock.machine.bench import process_usage, qemu, workload
from drydock.machine.machine import Machine

HOST = Endpoint("unix:///var/run/docker.sock")


@dataclass
class Side:
    """A daemon under measurement: its client, its processes, and seconds of each of its boots."""

    name: str
    client: docker.DockerClient
    pids: Callable[[], set[int]]
    boots: list[float] = field(default_factory=list)
    #: Process 1, where it may be that one which reaps what the daemon leaves.
    reapers: tuple[int, ...] = ()
    #: So slow that what takes minutes is done once.
    slow: bool = False

    def cpu_seconds(self) -> float:
        """Processor time used up to now."""
        return process_usage.cpu_seconds(self.pids(), self.reapers)

    def resident_mb(self) -> float:
        """Memory in use now, MB; 0 when it may not be read."""
        return process_usage.resident_mb(self.pids())


def machines(stack: ExitStack, sources: Sequence[str], cpu: int, boots: int) -> list[Side]:
    """Our machine on the kernel of each source, booted in turns; the last of each stays as long as ``stack``."""
    seconds: dict[str, list[float]] = {source: [] for source in sources}
    for _ in range(boots - 1):
        for source in sources:
            with _machine(source, cpu, seconds[source]):
                pass
    return [stack.enter_context(_machine(source, cpu, seconds[source])) for source in sources]


@contextmanager
def _machine(source: str, cpu: int, boots: list[float]) -> Iterator[Side]:
    machine_build.build(source)
    machine, began = Machine(kernel=source, cpu=cpu), time.monotonic()
    machine.start(owned=True, quiet=True)
    try:
        with closing(machine.client(timeout=300)) as client:
            boots.append(time.monotonic() - began)
            top = machine.supervisor_pid()
            yield Side(source, client, lambda: process_usage.family(top), boots)
    finally:
        machine.stop()


def host(stack: ExitStack) -> tuple[Side | None, str]:
    """The daemon of this computer with our images in it; or None and the reason."""
    file = Path(HOST.host.removeprefix("unix://"))
    reason = f"no daemon with {workload.IMAGE} at {file}"
    if not file.is_socket():
        return None, reason
    try:
        client = stack.enter_context(closing(HOST.client(timeout=300)))
        client.images.get(workload.IMAGE)
    except (DockerException, OSError):
        return None, reason
    stack.callback(workload.sweep, client)
    return Side("host", client, lambda: process_usage.daemon(str(file)), reapers=(1,)), ""


def emulated(stack: ExitStack, cpu: int) -> tuple[Side | None, str]:
    """The machine's disk in QEMU, booted once; or None and the reason."""
    reason = qemu.why_not()
    if reason:
        return None, reason
    booted = stack.enter_context(qemu.booted(machine_build.build().base, cpu))
    return Side("qemu", booted.client, lambda: {booted.pid}, [booted.api_s], slow=True), ""
