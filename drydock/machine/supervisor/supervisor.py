"""One process a machine: it owns the kernel, the network helper and the forwards, and takes them down with it.

Started by :meth:`drydock.machine.Machine.start` as
``python -m drydock.machine.supervisor.supervisor FOLDER --report FD [--owner FD]``. It reports once on the report pipe:
ready, or what went wrong. When the owner's pipe closes, the owner has ended, however it ended, and so does the
machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import ssl
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from drydock.core import files
from drydock.core.paths import socket_folder
from drydock.errors import BootFailed, DrydockError
from drydock.machine.guest import seed
from drydock.machine.guest.guest_agent import GuestAgent, keep_tail
from drydock.machine.host import host_python
from drydock.machine.host.child_process import adopt_orphans, kill, kill_orphans, spawn, terminate
from drydock.machine.isolation import backends
from drydock.machine.isolation.sandbox_spec import SandboxSpec
from drydock.machine.network.confined_network import ConfinedSlirp
from drydock.machine.network.port_watcher import PortWatcher
from drydock.machine.network.portfwd import PortForwarder
from drydock.machine.network.slirp import Slirp
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import cmdline, cpu_affinity, rpc
from drydock.machine.supervisor.launcher import KILLED

_BOOT_SECONDS = 90
_HALT_SECONDS = 15
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Supervisor:
    """The life of one machine, from seed to halt."""

    def __init__(self, folder: Path, *, owned: bool = False) -> None:
        self.folder = folder
        self.owned = owned
        self.settings = Settings.read(folder)
        self.sockets = socket_folder(self.settings.name)
        #: What the kernel and its network share; the door is not among it.
        self.inside = self.sockets / "in"
        self.inside.mkdir()
        self.console = GuestAgent()
        self.cpu = self.settings.cpu if self.settings.cpu is not None else cpu_affinity.least_used()
        self.isolation = backends.by_name(self.settings.isolation) if self.settings.confined else None
        self.slirp = self._new_slirp()
        self.ports = PortForwarder(self.slirp, self.console)
        self.output: deque[bytes] = deque(maxlen=64)
        self.over = asyncio.Event()
        self.kernel: Process | None = None
        self.watch: PortWatcher | None = None
        self.watchers: list[asyncio.Future[None]] = []
        self.asked_to_stop = self.was_killed = False

    def _new_slirp(self) -> Slirp:
        if self.isolation is not None:
            return ConfinedSlirp(self.inside, self.isolation, self.cpu)
        # A machine that publishes ports is its user's own, like Docker Desktop; a temporary one may run untrusted code.
        return Slirp(self.inside, host_loopback=self.settings.publish)

    async def boot(self) -> None:
        """From nothing to a daemon that answers; raises :class:`BootFailed` with what the guest printed last."""
        self._record(cpu=self.cpu)
        seed.create(self.settings, self.folder, self.inside / "seed.tar")
        await self.slirp.start(self.cpu)
        await self._start_kernel()
        try:
            async with asyncio.timeout(_BOOT_SECONDS):
                await self.console.open()
                await self.slirp.wait_ready()
                await self._open_endpoint()
                await self._answering()
        except TimeoutError:
            raise self.failure("the Docker daemon did not answer in time") from None
        await rpc.serve(self.sockets / "door", self._answer)  # before anybody is told that it is ready
        self._record(
            cpu=self.cpu,
            kernel_pid=self.kernel.pid if self.kernel else None,
            endpoint=self.settings.ports[0],
            ssh=self.settings.ports[1],
        )

    async def serve(self) -> None:
        """Follow published ports until it is over."""
        if self.settings.publish:
            self.watch = PortWatcher(self.folder / "tls", self.settings.ports[0], self.ports)
            self.watch.start(asyncio.get_running_loop())
        await self.over.wait()

    async def stop(self) -> None:
        """Take everything down; politely when there is a disk worth it."""
        if self.watch is not None:
            self.watch.stop()
        if self.kernel is not None and self.kernel.returncode is None:
            if not self.settings.temporary or self.settings.raw:
                await self._halt()
            if self.isolation is None:
                kill(self.kernel)
                await self.kernel.wait()
        if self.isolation is not None:  # where a daemon has them in its care, they are gone once it says so
            await asyncio.gather(*(terminate(part) for part in (self.kernel, self.slirp.process) if part is not None))
        self.slirp.stop()
        await asyncio.to_thread(kill_orphans)
        self.console.close()
        shutil.rmtree(self.sockets, ignore_errors=True)
        (self.folder / "state.json").unlink(missing_ok=True)
        # Of one that ended by itself the owner may still ask why, and throws the rest away then.
        if self.settings.temporary and (self.asked_to_stop or not self.owned):
            shutil.rmtree(self.folder, ignore_errors=True)

    def end(self) -> None:
        """Somebody asked for the end: a signal, the owner's death, or ``drydock machine stop``."""
        self.asked_to_stop = True
        self.over.set()

    async def _start_kernel(self) -> None:
        settings, work = self.settings, self.folder / "work"
        work.mkdir(exist_ok=True)
        base = Path(settings.base) / "disk.img" if not settings.raw else Path(settings.base)
        disk = str(base) if settings.raw else f"{work / 'disk.cow'},{base}"
        line = self.console.guest_end.fileno()
        found = KernelFiles.at(Path(settings.kernel))
        argv = cmdline.command(settings, found, disk, self.inside, self.slirp.socket, line)
        # Nothing of this process's environment reaches the guest's command line or its memory.
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.inside)}
        if self.isolation is not None:
            env["TMPDIR"] = "/memory"
            argv = [*self._isolation_prefix(work, base, env, line), *argv]
        else:
            env["TMPDIR"] = str(cmdline.memory_folder(settings.memory_mb, self.folder))
        self.kernel = await spawn(
            argv, cpu=self.cpu, env=env, cwd=self.folder, stdout=PIPE, stderr=asyncio.subprocess.STDOUT, pass_fds=[line]
        )
        self.watchers = [asyncio.ensure_future(work) for work in (self._await_kernel(), self._await_network())]

    def _isolation_prefix(self, work: Path, base: Path, env: dict[str, str], line: int) -> list[str]:
        assert self.isolation is not None
        inherits = self.isolation.INHERITS_OPEN_FILES
        spec = SandboxSpec(
            # Only the user may open the kernel's folder, but everyone may read the files in it.
            read_only=[*Path(self.settings.kernel).iterdir(), base, *host_python.required_paths(cmdline.PULSE)],
            writable=[work, self.inside],
            memory_mb=self.settings.memory_mb,
            env=env,
            cpu=self.cpu,
            sockets={} if inherits else {line: self.console.listen(self.inside / "agent")},
        )
        return self.isolation.prefix(spec)

    async def _await_kernel(self) -> None:
        assert self.kernel is not None
        assert self.kernel.stdout is not None
        await keep_tail(self.kernel.stdout, self.output)
        self._ended("kernel process", await self.kernel.wait())

    async def _await_network(self) -> None:
        self._ended("network helper", await self.slirp.wait())

    def _ended(self, part: str, code: int) -> None:
        """A part without which there is no machine has ended; unless that was asked for, note how."""
        if not self.over.is_set():
            when = time.strftime("%Y-%m-%d %H:%M:%S")
            why = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
            # Isolation backends return the code of a signal as a shell does.
            self.was_killed = code in (-signal.SIGKILL, 128 + signal.SIGKILL)
            ended = {"when": when, "why": f"Its {part} ended by itself ({why})", "said": self._last_lines()}
            _write(self.folder / "ended.json", ended)
        self.over.set()

    async def _open_endpoint(self) -> None:
        before = self.settings.ports
        endpoint = await self.ports.forward("tcp", before[0], 2376)
        ssh = await self.ports.forward("tcp", before[1], 22)
        self.settings = self.settings.changed(ports=(endpoint, ssh))
        self.settings.write(self.folder)

    async def _answering(self) -> None:
        """Wait until dockerd says OK to a ping over TLS."""
        context = ssl.create_default_context(cafile=str(self.folder / "tls" / "ca.pem"))
        context.load_cert_chain(self.folder / "tls" / "cert.pem", self.folder / "tls" / "key.pem")
        while not await _ping(self.settings.ports[0], context):
            await asyncio.sleep(0.1)

    async def _halt(self) -> None:
        assert self.kernel is not None
        try:
            async with asyncio.timeout(_HALT_SECONDS):
                with suppress(RuntimeError):  # it may be gone before it could answer
                    await self.console.ask("halt")
                await self.kernel.wait()
        except TimeoutError:
            return  # its disk is journalled: a hard end is safe, only less polite

    async def _answer(self, request: dict[str, Any]) -> Any:
        match request.get("verb"):
            case "reach":
                return await self.ports.reach(request["protocol"], int(request["port"]))
            case "ports":
                return self.ports.table()
            case "share":
                return await self.console.ask("share", request["folder"])
            case "log":
                return await self.console.ask("log", str(int(request["lines"])))
            case "trim":
                return await self.console.ask("trim", seconds=60)
            case "stop":
                self.end()
                return None
            case verb:
                raise RuntimeError(f"unknown verb {verb!r}")

    def _record(self, **facts: Any) -> None:
        _write(self.folder / "state.json", {"pid": os.getpid(), "sockets": str(self.sockets), **facts})

    def failure(self, reason: str) -> BootFailed:
        """Why it did not come up, with what the guest printed last."""
        return BootFailed(reason, "\n".join(self._last_lines()[-8:]))

    def _last_lines(self) -> list[str]:
        """What the guest printed last; of a kernel that gave up, why."""
        return b"".join(self.output).decode(errors="replace").strip().splitlines()[-40:]


async def _ping(port: int, context: ssl.SSLContext) -> bool:
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            writer.write(b"GET /_ping HTTP/1.0\r\n\r\n")
            answer = await reader.read(64)
            writer.close()
            return b" 200 " in answer
    except (OSError, TimeoutError, ssl.SSLError):
        return False


def _write(file: Path, value: dict[str, Any]) -> None:
    files.write_atomically(file, json.dumps(value))


async def _live(folder: Path, report: int, owner: int | None) -> int:
    loop = asyncio.get_running_loop()
    # Who is told to end before it can listen would leave its sockets' folder behind.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    supervisor = Supervisor(folder, owned=owner is not None)
    for number in _ENDING:
        loop.add_signal_handler(number, supervisor.end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    if owner is not None:
        loop.add_reader(owner, _owner_gone, loop, owner, supervisor)
    try:
        booting = asyncio.ensure_future(supervisor.boot())
        ending = asyncio.ensure_future(supervisor.over.wait())
        await asyncio.wait({booting, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not booting.done():
            booting.cancel()
            await asyncio.wait({booting})
            if supervisor.asked_to_stop:
                return 0
            raise supervisor.failure("it ended while booting")
        await booting
        _tell(report, {"ready": True})
        await supervisor.serve()
        return KILLED if supervisor.was_killed else 0
    except DrydockError as error:
        _tell(report, {"error": {"what": error.what, "why": error.why, "next": error.next}})
        return 1
    finally:
        await supervisor.stop()


def _owner_gone(loop: asyncio.AbstractEventLoop, owner: int, supervisor: Supervisor) -> None:
    loop.remove_reader(owner)
    supervisor.end()


def _tell(report: int, message: dict[str, Any]) -> None:
    with suppress(OSError):  # whoever started us may have gone; the owner's pipe decides what follows
        os.write(report, json.dumps(message).encode() + b"\n")
        os.close(report)


def main() -> int:
    """Run one machine until it is told to stop."""
    parser = argparse.ArgumentParser(prog="drydock.machine.supervisor.supervisor")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--report", type=int, required=True)
    parser.add_argument("--owner", type=int)
    options = parser.parse_args()
    adopt_orphans()
    return asyncio.run(_live(options.folder, options.report, options.owner))


if __name__ == "__main__":
    raise SystemExit(main())
