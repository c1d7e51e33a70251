"""The nearest alternative that needs no privileges: the machine's own disk, booted in QEMU's software emulation."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import requests
from docker.errors import DockerException

from drydock.core.command import find
from drydock.core.endpoint import Endpoint
from drydock.core.waiting import wait_for
from drydock.errors import BootFailed
from drydock.machine.bench import initramfs
from drydock.machine.guest import seed
from drydock.machine.network.slirp import GUEST, free_port
from drydock.machine.store.settings import Settings

PROGRAM = "qemu-system-x86_64"
_BOOT_SECONDS = 300
_PORT = 2376
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class QemuMachine:
    """A booted disk in QEMU: QEMU's process, a client of its daemon, and the seconds until the API answered.

    A port that a container publishes under the number ``published`` is reached on this computer's 127.0.0.1.
    """

    pid: int
    client: docker.DockerClient
    endpoint: Endpoint
    published: int
    api_s: float


def unavailable_reason() -> str:
    """Return why QEMU can't be used here; empty when it can."""
    return "" if find(PROGRAM) else f"{PROGRAM} is not installed (Debian: qemu-system-x86)"


@contextmanager
def boot(base: Path, cpu: int) -> Iterator[QemuMachine]:
    """Boot a base disk, which is not changed; at the end, kill QEMU and remove its files."""
    kernel = initramfs.find_or_build()
    settings = Settings("qemu", temporary=True)
    with tempfile.TemporaryDirectory(prefix="drydock-qemu-") as name:
        folder = Path(name)
        began = time.monotonic()
        seed.create(settings, folder, folder / "seed.tar")
        port, published = free_port(), free_port()
        ports = {port: _PORT, published: published}
        argv = command(kernel, base / "disk.img", folder, ports, settings.memory_mb)
        process = _start(argv, cpu, folder)
        try:
            endpoint = Endpoint(f"tcp://127.0.0.1:{port}", folder / "tls")
            client = wait_for(lambda: _client(process, endpoint, folder), "QEMU's daemon", seconds=_BOOT_SECONDS)
            with closing(client):
                yield QemuMachine(process.pid, client, endpoint, published, time.monotonic() - began)
        finally:
            process.kill()
            process.wait()


def command(kernel: Path, disk: Path, folder: Path, ports: dict[int, int], memory_mb: int) -> list[str]:
    """Return QEMU's command line: one CPU, two disks whose changes are discarded, and slirp4netns's network layout.

    ``ports`` are the ports of this computer's 127.0.0.1 that lead into the guest, each with the guest's port.
    """
    network = "user,id=net,net=10.0.2.0/24,host=10.0.2.2,dns=10.0.2.3"
    network += "".join(f",hostfwd=tcp:127.0.0.1:{port}-{GUEST}:{inside}" for port, inside in ports.items())
    options = {
        "machine": "q35",
        "accel": "tcg",
        "cpu": "max",
        "smp": "1",
        "m": str(memory_mb),
        "kernel": str(kernel / "vmlinuz"),
        "initrd": str(kernel / "initrd"),
        "append": "console=ttyS0 quiet mitigations=off",
        "netdev": network,
        "display": "none",
        "serial": "stdio",
        "monitor": "none",
    }
    words = [word for name, value in options.items() for word in (f"-{name}", value)]
    words += ["-nodefaults", "-no-reboot", "-device", "virtio-net-pci,netdev=net,romfile="]
    # Without locks, because machines have the base disk open, too, and nobody writes to it.
    words += ["-drive", f"file={disk},if=virtio,format=raw,snapshot=on,cache=unsafe,file.locking=off"]
    return [PROGRAM, *words, "-drive", f"file={folder / 'seed.tar'},if=virtio,format=raw,readonly=on"]


def _start(argv: list[str], cpu: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start QEMU, pinned to one CPU as a machine is; the kernel kills it when this process ends."""

    def prepare() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.sched_setaffinity(0, {cpu})

    with (folder / "console").open("wb") as console:
        env = dict(os.environ) | {"TMPDIR": str(folder)}
        words = [find(argv[0]) or argv[0], *argv[1:]]
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=env, preexec_fn=prepare,
            process_group=0,
        )  # fmt: skip


def _client(process: subprocess.Popen[bytes], endpoint: Endpoint, folder: Path) -> docker.DockerClient | None:
    """Return a client once the daemon answers; raises :class:`~drydock.errors.BootFailed` when QEMU has ended."""
    if process.poll() is not None:
        output = (folder / "console").read_text(errors="replace").strip().splitlines()
        raise BootFailed(f"QEMU ended with exit code {process.returncode}", "\n".join(output[-8:]))
    try:
        with closing(endpoint.client(timeout=10)) as client:
            client.ping()
    except (DockerException, requests.RequestException, OSError):
        return None
    return endpoint.client(timeout=900)
