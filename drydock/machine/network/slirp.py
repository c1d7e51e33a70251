"""The machine's network: slirp4netns, an ordinary process that speaks TCP and UDP on the guest's behalf."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from drydock.core.command import require
from drydock.errors import BootFailed, PortTaken
from drydock.machine.guest.guest_agent import keep_tail
from drydock.machine.host.child_process import kill, spawn
from drydock.machine.isolation import safe_connect

Protocol = Literal["tcp", "udp"]

#: Where slirp4netns expects the guest.
GUEST = "10.0.2.100"


class Slirp:
    """slirp4netns with its two sockets in ``folder``: ``socket`` for the kernel, and one for forwards.

    ``sees_host``: the guest finds what listens on this computer's loopback at 10.0.2.2. It is also the only way for the
    answers to a forwarded UDP port to come back, since whoever asks is on that loopback.
    """

    def __init__(self, folder: Path, *, sees_host: bool = False) -> None:
        self._sees_host = sees_host
        self.socket = folder / "net"
        self._api = folder / "api"
        self.process: Process | None = None  # only once it is started
        self._said: deque[bytes] = deque(maxlen=8)

    async def start(self, cpu: int) -> None:
        """Start it and wait until the kernel may connect."""
        self.process = await spawn(self.command(), cpu=cpu, stderr=PIPE)
        assert self.process.stderr is not None
        # Read for as long as it runs: a pipe that nobody reads fills up, and then it would stand still.
        self._reading = asyncio.ensure_future(keep_tail(self.process.stderr, self._said))
        while not self.socket.exists():
            if self.process.returncode is not None:
                await self._reading
                raise BootFailed("its network helper, slirp4netns, ended at once", self.last_words())
            await asyncio.sleep(0.01)

    def command(self) -> list[str | Path]:
        """The words that start it."""
        program = require(["slirp4netns"], "give the machine a network")["slirp4netns"]
        options = ["--target-type=bess", "--mtu=65521", f"--api-socket={self._api}"]
        if not self._sees_host:
            options.append("--disable-host-loopback")
        return [program, *options, self.socket]

    async def ended(self) -> int:
        """Wait until it ends; its exit code."""
        assert self.process is not None
        return await self.process.wait()

    def last_words(self) -> str:
        """The end of what it printed."""
        return b"".join(self._said).decode(errors="replace").strip()

    async def ready(self) -> None:
        """Wait until forwards can be added: the API's socket appears and answers once the kernel has connected."""
        while True:
            # A socket is there a moment before anybody listens at it.
            with suppress(FileNotFoundError, ConnectionRefusedError):
                await self._ask("list_hostfwd", {})
                return
            await asyncio.sleep(0.01)

    async def forward(self, protocol: Protocol, host_port: int, guest_port: int) -> int:
        """Lead 127.0.0.1:``host_port`` to the guest's port; the forward's number, or :class:`PortTaken`."""
        arguments = {
            "proto": protocol,
            "host_addr": "127.0.0.1",
            "host_port": host_port,
            "guest_addr": GUEST,
            "guest_port": guest_port,
        }
        answer = await self._ask("add_hostfwd", arguments)
        if "error" in answer:
            raise PortTaken(host_port, protocol)
        return int(answer["return"]["id"])

    async def unforward(self, number: int) -> None:
        """Take a forward away again."""
        await self._ask("remove_hostfwd", {"id": number})

    def stop(self) -> None:
        """End the process; its sockets go with their folder."""
        if self.process is not None:
            kill(self.process)

    async def _ask(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        # One request a connection, and it is read only once the sending side is closed.
        reader, writer = await safe_connect.connect(self._api)
        writer.write(json.dumps({"execute": verb, "arguments": arguments}).encode())
        writer.write_eof()
        answer: dict[str, Any] = json.loads(await reader.read(65536))
        writer.close()
        return answer
