"""The supervisor of one machine: it owns the kernel, the network helper and the forwarded ports, and stops all of them.

Requests on the control socket (:mod:`~drydock.machine.supervisor.rpc`), by their verb:

==============================  =============================================================================
``reach`` (protocol, port)      forward a port of the machine; the answer is the port on this computer
``ports``                       list the forwarded ports with their states
``share`` (folder)              mount a folder of this computer in the machine, under the same path
``log`` (lines)                 return the end of the logs of the guest's kernel and Docker daemon
``clock``                       set the guest's clock
``trim``                        return unused blocks of the disk to this computer's file system
``stop``                        stop the machine
==============================  =============================================================================
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import ssl
import time
from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drydock.core import files
from drydock.core.paths import socket_folder
from drydock.errors import BootFailed
from drydock.machine.guest import seed
from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.host.child_process import kill_orphans, terminate
from drydock.machine.isolation import backends
from drydock.machine.network import docker_socket
from drydock.machine.network.confined_network import ConfinedSlirp
from drydock.machine.network.listener import CHUNK_BYTES, Listener
from drydock.machine.network.portfwd import PortForwarder
from drydock.machine.network.slirp import Slirp
from drydock.machine.store.instance import DOCKER_SOCKET
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import cpu_affinity, cpu_migration, guest_clock, rpc
from drydock.machine.supervisor.kernel_process import KernelProcess

if TYPE_CHECKING:
    from drydock.machine.network.port_watcher import PortWatcher

_BOOT_SECONDS = 180


class Supervisor:
    """One machine from its boot to its end; ``owned``: it stops when the process that started it ends."""

    def __init__(self, folder: Path, *, owned: bool = False) -> None:
        self._folder = folder
        self._owned = owned
        self._settings = Settings.read(folder)
        self._cpu = self._settings.cpu if self._settings.cpu is not None else cpu_affinity.least_used()
        self._isolation = backends.by_name(self._settings.isolation) if self._settings.confined else None
        self._agent = GuestAgent()
        # After all that may fail: nothing removes this folder when there is no supervisor.
        self._sockets = socket_folder(self._settings.name)
        #: The sockets of the kernel and the network helper, which are visible in isolation. The control socket is not.
        self._guest_sockets = self._sockets / "in"
        self._guest_sockets.mkdir()
        self._kernel = KernelProcess(self._settings, folder, self._guest_sockets, self._agent, self._isolation)
        self._slirp = self._new_slirp()
        self._ports = PortForwarder(self._slirp, self._agent)
        self._port_watcher: PortWatcher | None = None
        self._docker_socket: Listener | None = None
        self._tasks: list[asyncio.Future[None]] = []
        #: Set when the machine must stop, because of a request or because a part of it has ended.
        self.ended = asyncio.Event()
        self.stop_requested = self.was_killed = False

    def _new_slirp(self) -> Slirp:
        if self._isolation is not None:
            return ConfinedSlirp(self._guest_sockets, self._isolation, self._cpu)
        # A machine that publishes ports is its user's own, like Docker Desktop; a temporary one may run untrusted code.
        return Slirp(self._guest_sockets, host_loopback=self._settings.publish)

    async def boot(self) -> None:
        """Boot the machine until its Docker daemon answers; raises :class:`BootFailed` with the guest's last output."""
        self._write_state(cpu=self._cpu)
        # First: another machine that starts at this moment finds the CPU of this one by its network helper.
        await self._slirp.start(self._cpu)
        seed.create(self._settings, self._folder, self._guest_sockets / "seed.tar")
        await self._kernel.start(self._slirp.socket, self._cpu)
        for part, exit_code in (("kernel process", self._kernel.wait()), ("network helper", self._slirp.wait())):
            self._tasks.append(asyncio.ensure_future(self._watch(part, exit_code)))
        try:
            async with asyncio.timeout(_BOOT_SECONDS):
                await self._agent.open()
                await self._slirp.wait_ready()
                await self._forward_endpoint()
                await self._wait_for_docker()
        except TimeoutError:
            raise self.boot_failure("the Docker daemon did not answer in time") from None
        if self._isolation is None:
            await self._listen_on_docker_socket()
        # Before the report: the launcher may send a request at once.
        await rpc.serve(self._sockets / rpc.SOCKET, self._handle)
        self._write_ready_state()

    async def serve(self) -> None:
        """Forward published ports, and keep the guest's clock and the machine's CPU right, until it must stop."""
        if self._settings.publish:
            from drydock.machine.network import port_watcher  # imports docker-py, which takes 0.2 s

            port_watcher.ignore_user_settings(self._sockets)
            endpoint_port = self._settings.ports[0]
            self._port_watcher = port_watcher.PortWatcher(self._folder / "tls", endpoint_port, self._ports, self._agent)
            self._port_watcher.start(asyncio.get_running_loop())
        tasks = [asyncio.ensure_future(guest_clock.follow(self._set_clock))]
        # The processes of a container are the Docker daemon's children, and stay on the CPU that it gave them.
        is_parent = self._isolation is None or self._isolation.INHERITS_OPEN_FILES
        if is_parent and self._settings.cpu is None:
            tasks.append(asyncio.ensure_future(cpu_migration.follow(self._record_cpu)))
        await self.ended.wait()
        for task in tasks:
            task.cancel()

    async def stop(self) -> None:
        """End all processes and remove their files. A machine whose disk is kept halts first."""
        self.ended.set()  # what ends from here on does not end by itself
        if self._port_watcher is not None:
            self._port_watcher.stop()
        if self._docker_socket is not None:
            self._docker_socket.close()
        if not self._settings.temporary or self._settings.raw:
            await self._kernel.halt()
        ends: list[Awaitable[None]] = [self._kernel.end()]
        if self._isolation is not None and self._slirp.process is not None:
            ends.append(terminate(self._slirp.process))
        await asyncio.gather(*ends)
        self._slirp.stop()
        await asyncio.to_thread(kill_orphans)
        self._agent.close()
        shutil.rmtree(self._sockets, ignore_errors=True)
        (self._folder / "state.json").unlink(missing_ok=True)
        # After a temporary machine has ended by itself, its owner may ask for the reason, and removes the folder later.
        if self._settings.temporary and (self.stop_requested or not self._owned):
            shutil.rmtree(self._folder, ignore_errors=True)

    def request_stop(self) -> None:
        """Request the machine's stop: called for a signal, the end of the owner, and the verb ``stop``."""
        self.stop_requested = True
        self.ended.set()

    async def _watch(self, part: str, exit_code: Awaitable[int]) -> None:
        """Wait until a part of the machine ends; unless a stop was requested, record how it ended."""
        code = await exit_code
        if self.ended.is_set():
            return
        when = time.strftime("%Y-%m-%d %H:%M:%S")
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        # Isolation backends return the code of a signal as a shell does.
        self.was_killed = code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        why = f"Its {part} ended by itself ({how})"
        try:
            _write_json(self._folder / "ended.json", {"when": when, "why": why, "output": self._kernel.last_lines()})
        finally:  # the disk may be full, which may be why it ended
            self.ended.set()

    async def _forward_endpoint(self) -> None:
        """Forward the ports of the Docker daemon and of sshd, if possible from the same ports as last time."""
        docker, ssh = self._settings.ports
        ports = (await self._ports.forward("tcp", docker, 2376), await self._ports.forward("tcp", ssh, 22))
        self._settings = self._settings.changed(ports=ports)
        self._settings.write(self._folder)

    async def _listen_on_docker_socket(self) -> None:
        port = self._settings.ports[0]
        connect = partial(asyncio.open_connection, "127.0.0.1", port, limit=CHUNK_BYTES)
        self._docker_socket = docker_socket.listener(self._folder / "tls", connect)
        await self._docker_socket.listen_unix(self._sockets / DOCKER_SOCKET)

    async def _wait_for_docker(self) -> None:
        """Wait until dockerd answers a ping over TLS."""
        context = ssl.create_default_context(cafile=str(self._folder / "tls" / "ca.pem"))
        context.load_cert_chain(self._folder / "tls" / "cert.pem", self._folder / "tls" / "key.pem")
        while not await _ping(self._settings.ports[0], context):
            await asyncio.sleep(0.1)

    async def _handle(self, request: dict[str, Any]) -> Any:
        """Return the answer to a request on the control socket."""
        match request.get("verb"):
            case "reach":
                return await self._ports.reach(request["protocol"], int(request["port"]))
            case "ports":
                return self._ports.table()
            case "share":
                return await self._agent.ask("share", request["folder"])
            case "log":
                return await self._agent.ask("log", str(int(request["lines"])))
            case "trim":
                return await self._agent.ask("trim", seconds=60)
            case "clock":
                return await self._set_clock()
            case "stop":
                self.request_stop()
                return None
            case verb:
                raise RuntimeError(f"unknown verb {verb!r}")

    async def _set_clock(self) -> str:
        return await self._agent.ask("clock", str(round(time.time())))

    def _record_cpu(self, cpu: int) -> None:
        self._cpu = cpu
        self._write_ready_state()

    def _write_ready_state(self) -> None:
        endpoint, ssh = self._settings.ports
        self._write_state(cpu=self._cpu, kernel_pid=self._kernel.pid, endpoint=endpoint, ssh=ssh)

    def _write_state(self, **facts: Any) -> None:
        _write_json(self._folder / "state.json", {"pid": os.getpid(), "sockets": str(self._sockets), **facts})

    def boot_failure(self, reason: str) -> BootFailed:
        """Return an error with the last lines that the guest printed."""
        return BootFailed(reason, "\n".join(self._kernel.last_lines()[-8:]))


async def _ping(port: int, context: ssl.SSLContext) -> bool:
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            writer.write(b"GET /_ping HTTP/1.0\r\n\r\n")
            response = await reader.read(64)
            writer.close()
            return b" 200 " in response
    except (OSError, TimeoutError, ssl.SSLError):
        return False


def _write_json(file: Path, value: dict[str, Any]) -> None:
    files.write_atomically(file, json.dumps(value))
