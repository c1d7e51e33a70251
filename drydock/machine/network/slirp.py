"""A machine's network: slirp4netns, an unprivileged process that makes the guest's TCP and UDP connections.

slirp4netns listens with a backlog of 1 for each TCP port that it forwards, so of many clients at once some would wait
for seconds. They connect to a listener of this process instead, which connects to a port of slirp4netns that no other
program knows, one connection at a time.
"""

from __future__ import annotations

import asyncio
import errno
import json
import socket
from asyncio.subprocess import PIPE, Process
from collections import deque
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

from drydock.errors import BootFailed, PortNotForwarded, PortTaken
from drydock.machine.guest.guest_agent import keep_tail
from drydock.machine.host import bundled_programs
from drydock.machine.host.child_process import kill, spawn
from drydock.machine.isolation import safe_connect
from drydock.machine.network.listener import Listener, Stream, address_family, join, send_at_once
from drydock.machine.network.relay import ACCEPT_SECONDS

Protocol = Literal["tcp", "udp"]

#: The guest's address in the network of slirp4netns.
GUEST = "10.0.2.100"
#: The address of this computer, and of the guest, at which a program reaches its own computer.
LOOPBACK = "127.0.0.1"
#: Errors of an address that this computer doesn't have: IPv6 may be switched off.
_NO_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class Slirp:
    """slirp4netns with its two sockets in ``folder``: ``net`` for the kernel, and ``api`` for adding forwards.

    ``host_loopback``: the guest reaches servers on this computer's loopback interface at 10.0.2.2. Answers to a
    forwarded UDP port need this too, because the client is on that interface.
    """

    def __init__(self, folder: Path, *, host_loopback: bool = False) -> None:
        self._host_loopback = host_loopback
        self.socket = folder / "net"
        self._api = folder / "api"
        self.process: Process | None = None  # None until start()
        self._output: deque[bytes] = deque(maxlen=8)
        #: The forwards by the number that slirp4netns has for each, and the listeners of TCP ports.
        self._forwards: dict[int, Listener | None] = {}
        self._connecting = asyncio.Lock()

    async def start(self, cpu: int) -> None:
        """Start the process and wait until the kernel can connect."""
        self.process = await spawn(self.command(), cpu=cpu, stderr=PIPE)
        assert self.process.stderr is not None
        # Read until it ends: slirp4netns would block on a full pipe.
        self._reading = asyncio.ensure_future(keep_tail(self.process.stderr, self._output))
        while not self.socket.exists():
            if self.process.returncode is not None:
                await self._reading
                raise BootFailed("its network helper, slirp4netns, ended at once", self.last_output())
            await asyncio.sleep(0.01)

    def command(self) -> list[str | Path]:
        """Return the command line that starts slirp4netns."""
        program = Path(bundled_programs.require(["slirp4netns"], "give the machine a network")["slirp4netns"]).resolve()
        options = ["--target-type=bess", "--mtu=65521", f"--api-socket={self._api}"]
        if not self._host_loopback:
            options.append("--disable-host-loopback")
        return [program, *options, self.socket]

    async def wait(self) -> int:
        """Wait until the process ends; return its exit code."""
        assert self.process is not None
        return await self.process.wait()

    def last_output(self) -> str:
        """Return the end of what the process printed."""
        return b"".join(self._output).decode(errors="replace").strip()

    async def wait_ready(self) -> None:
        """Wait until forwards can be added: slirp4netns opens its API once the kernel has connected."""
        while True:
            # The socket exists a moment before slirp4netns listens to it.
            with suppress(FileNotFoundError, ConnectionRefusedError):
                await self._call_api("list_hostfwd", {})
                return
            await asyncio.sleep(0.01)

    async def forward(
        self,
        protocol: Protocol,
        host_port: int,
        guest_port: int,
        *,
        address: str = LOOPBACK,
        guest_address: str = GUEST,
    ) -> int:
        """Forward ``host_port`` of a loopback address to the guest's port and return the forward's number.

        ``guest_address`` is one of the guest's IPv4 addresses; slirp4netns has no others. TCP is forwarded from ::1,
        too. Raises :class:`PortTaken` when the port of this computer is in use, and :class:`PortNotForwarded` when this
        computer doesn't have the address.
        """
        if protocol == "udp":
            return await self._forward_udp((address, host_port), (guest_address, guest_port))
        inner_port = free_port()
        listener = Listener(partial(join, partial(self._connect, inner_port)))
        try:
            await listener.listen(address, host_port)
            number = await self._add(protocol, (LOOPBACK, inner_port), (guest_address, guest_port))
        except BaseException as error:
            listener.close()
            if isinstance(error, OSError) and error.errno in _NO_ADDRESS:
                reason = f"This computer has no address {address}."
                raise PortNotForwarded(host_port, protocol, address, reason) from None
            if isinstance(error, OSError | PortTaken):
                raise PortTaken(host_port, protocol, address=address) from None
            raise
        self._forwards[number] = listener
        return number

    async def remove_forward(self, number: int) -> None:
        """Remove a forward and end its TCP connections."""
        if listener := self._forwards.pop(number):
            listener.close()
        await self._call_api("remove_hostfwd", {"id": number})

    def stop(self) -> None:
        """End the process and all connections; its sockets are removed with their folder."""
        for listener in self._forwards.values():
            if listener is not None:
                listener.close()
        if self.process is not None:
            kill(self.process)

    async def _forward_udp(self, host: tuple[str, int], guest: tuple[str, int]) -> int:
        """Forward a UDP port by slirp4netns alone."""
        number = await self._add("udp", host, guest)
        self._forwards[number] = None
        return number

    async def _connect(self, port: int) -> Stream:
        """Return a connection to a port on which slirp4netns listens."""
        async with self._connecting:
            for seconds in ACCEPT_SECONDS:
                connection = socket.socket()
                send_at_once(connection)
                connection.setblocking(False)
                try:
                    async with asyncio.timeout(seconds):
                        await asyncio.get_running_loop().sock_connect(connection, (LOOPBACK, port))
                except TimeoutError:
                    connection.close()
                    continue
                except BaseException:
                    connection.close()
                    raise
                return await asyncio.open_connection(sock=connection)
        raise TimeoutError("slirp4netns accepts no connection")

    async def _add(self, protocol: Protocol, host: tuple[str, int], guest: tuple[str, int]) -> int:
        (address, port), (guest_address, guest_port) = host, guest
        arguments = {
            "proto": protocol,
            "host_addr": address,
            "host_port": port,
            "guest_addr": guest_address,
            "guest_port": guest_port,
        }
        answer = await self._call_api("add_hostfwd", arguments)
        if "error" in answer:
            raise PortTaken(port, protocol, address=address)
        return int(answer["return"]["id"])

    async def _call_api(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        # Each connection has one request, and slirp4netns reads it only once the client has closed its sending side.
        reader, writer = await safe_connect.connect(self._api)
        writer.write(json.dumps({"execute": verb, "arguments": arguments}).encode())
        writer.write_eof()
        answer: dict[str, Any] = json.loads(await reader.read(65536))
        writer.close()
        return answer


def free_port(protocol: Protocol = "tcp", address: str = LOOPBACK) -> int:
    """Return a port of this computer that is free at this moment on one of its loopback addresses."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(address_family(address), kind) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
