"""A machine behind a wall: its network helper without any network, and the one way in that is left.

The helper's forwards open ports on the loopback behind the wall. For each, the supervisor, which stays outside,
listens on the same port of this computer and leads every connection through the relay.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

from drydock.errors import PortTaken
from drydock.machine.host import host_python
from drydock.machine.isolation import safe_connect
from drydock.machine.isolation.backends import IsolationBackend
from drydock.machine.isolation.sandbox_spec import SandboxSpec
from drydock.machine.network import relay
from drydock.machine.network.slirp import Protocol, Slirp

_RELAY = Path(relay.__file__)
_PIECE = 65536


class ConfinedSlirp(Slirp):
    """slirp4netns behind a wall, on that CPU, with the relay beside it in ``folder``. It forwards TCP only."""

    def __init__(self, folder: Path, wall: IsolationBackend, cpu: int) -> None:
        super().__init__(folder)
        self._wall = wall
        self._cpu = cpu
        self._folder = folder
        self._relay = folder / "relay"
        self._listeners: dict[int, asyncio.Server] = {}
        #: Python itself forgets a connection of which one half has ended: its collector of garbage would hang up.
        self._led: set[asyncio.Task[None]] = set()

    def command(self) -> list[str | Path]:
        """The words that start both of them behind the wall, in Python's own interpreter and with nothing of ours."""
        wall = self._wall.prefix(SandboxSpec(host_python.seen(_RELAY), [self._folder], cpu=self._cpu))
        return [*wall, *host_python.words(_RELAY), self._relay, *super().command()]

    async def forward(self, protocol: Protocol, host_port: int, guest_port: int) -> int:
        """As without a wall, through a listener of this process; UDP has no way in and is refused."""
        if protocol != "tcp":
            raise RuntimeError("only TCP leads into a machine behind a wall")
        lead = partial(self._begin, host_port)
        try:
            listener = await asyncio.start_server(lead, "127.0.0.1", host_port)
        except OSError:
            raise PortTaken(host_port, protocol) from None
        try:
            number = await super().forward(protocol, host_port, guest_port)
        except BaseException:
            listener.close()
            raise
        self._listeners[number] = listener
        return number

    async def unforward(self, number: int) -> None:
        """Take a forward away again, listener and all."""
        self._listeners.pop(number).close()
        await super().unforward(number)

    def stop(self) -> None:
        """End the processes, and listen no more."""
        for listener in self._listeners.values():
            listener.close()
        super().stop()

    def _begin(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._lead(port, reader, writer))
        self._led.add(task)
        task.add_done_callback(self._led.discard)

    async def _lead(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far_reader, far_writer = await safe_connect.connect(self._relay)
            far_writer.write(f"{port}\n".encode())
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
            far_writer.close()
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends, and then the end; whoever hangs up in the middle ends both halves."""
    try:
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()
