"""The daemons that are measured: each is running, and has functions that return its memory and CPU time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import docker
from docker.errors import DockerException

from drydock.core.endpoint import Endpoint
from drydock.machine.artifacts import machine_build
from drydock.machine.bench import image_archive, qemu, workload
from drydock.machine.bench.port_traffic import Binding
from drydock.machine.host import process_usage
from drydock.machine.machine import Machine
from drydock.machine.network.slirp import free_port

HOST = Endpoint("unix:///var/run/docker.sock")


@dataclass
class Daemon:
    """A daemon that is measured: a client, a function that lists its processes, and the seconds of each boot."""

    name: str
    client: docker.DockerClient
    pids: Callable[[], set[int]]
    endpoint: Endpoint
    #: Where a container publishes a port that this computer reaches on its own 127.0.0.1 under the same number.
    binding: Binding
    boots: list[float] = field(default_factory=list)
    #: Process 1 of this computer, if the daemon's processes may become its children and be reaped by it.
    reapers: tuple[int, ...] = ()
    #: True for emulation, where what takes minutes is measured only once.
    slow: bool = False

    def cpu_seconds(self) -> float:
        """Return the CPU time used until now."""
        return process_usage.cpu_seconds(self.pids(), self.reapers)

    def resident_mb(self) -> float:
        """Return the memory in use, MB; 0 when we may not read it."""
        return process_usage.resident_mb(self.pids())


def machines(stack: ExitStack, sources: Sequence[str], cpu: int, boots: int) -> list[Daemon]:
    """Boot a machine on the kernel of each source, in turns; each source's last machine runs until ``stack`` ends."""
    seconds: dict[str, list[float]] = {source: [] for source in sources}
    for _ in range(boots - 1):
        for source in sources:
            with _machine(source, cpu, seconds[source]):
                pass
    return [stack.enter_context(_machine(source, cpu, seconds[source])) for source in sources]


@contextmanager
def _machine(source: str, cpu: int, boots: list[float]) -> Iterator[Daemon]:
    machine_build.find_or_build(source)
    machine, began = Machine(kernel=source, cpu=cpu, publish=True), time.monotonic()
    machine.start(owned=True, quiet=True)
    try:
        with closing(machine.client(timeout=300)) as client:
            boots.append(time.monotonic() - began)
            supervisor = machine.supervisor_pid()
            binding = ("127.0.0.1", free_port())
            yield Daemon(
                source, client, lambda: process_usage.process_tree(supervisor), machine.endpoint, binding, boots
            )
    finally:
        machine.stop()


def host(stack: ExitStack) -> tuple[Daemon | None, str]:
    """Return this computer's own daemon if it has our images; else None and the reason."""
    socket = Path(HOST.host.removeprefix("unix://"))
    reason = f"no daemon with {workload.IMAGE} at {socket}"
    if not socket.is_socket():
        return None, reason
    try:
        client = stack.enter_context(closing(HOST.client(timeout=300)))
        for image in (workload.IMAGE, image_archive.IMAGE):
            client.images.get(image)
    except (DockerException, OSError):
        return None, reason
    stack.callback(workload.remove_leftovers, client)
    binding = ("127.0.0.1", free_port())
    pids = partial(process_usage.daemon_processes, str(socket))
    return Daemon("host", client, pids, HOST, binding, reapers=(1,)), ""


def emulated(stack: ExitStack, cpu: int) -> tuple[Daemon | None, str]:
    """Boot the base disk once in QEMU and return its daemon; else None and the reason."""
    reason = qemu.unavailable_reason()
    if reason:
        return None, reason
    machine = stack.enter_context(qemu.boot(machine_build.find_or_build().base, cpu))
    # QEMU forwards the port to the guest's network address, so a container publishes it on all addresses.
    binding = ("0.0.0.0", machine.published)
    return Daemon(
        "qemu", machine.client, lambda: {machine.pid}, machine.endpoint, binding, [machine.api_s], slow=True
    ), ""
