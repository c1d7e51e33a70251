"""The network of an isolated machine: no connection leads out, and forwarded TCP ports lead in through a relay.

slirp4netns runs in isolation too, so its forwards listen on the loopback interface of the isolated network. For each of
them the supervisor, which is not isolated, listens on the same port of this computer and passes its connections on to
the relay.
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
_CHUNK_BYTES = 65536


class ConfinedSlirp(Slirp):
    """slirp4netns in isolation, pinned to ``cpu``, with the relay's socket in ``folder``. It forwards TCP only."""

    def __init__(self, folder: Path, backend: IsolationBackend, cpu: int) -> None:
        super().__init__(folder)
        self._backend = backend
        self._cpu = cpu
        self._folder = folder
        self._relay = folder / "relay"
        self._listeners: dict[int, asyncio.Server] = {}
        #: References to the running tasks: asyncio has none itself, and the garbage collector would cancel a task of
        #: which one direction has ended.
        self._connections: set[asyncio.Task[None]] = set()

    def command(self) -> list[str | Path]:
        """Return the command line that starts the relay and slirp4netns in isolation."""
        program, *options = super().command()
        spec = SandboxSpec(
            read_only=[*host_python.required_paths(_RELAY), Path(program)],  # the program may be in a user's folder
            writable=[self._folder],
            cpu=self._cpu,
        )
        return [*self._backend.prefix(spec), *host_python.command(_RELAY), self._relay, program, *options]

    async def forward(self, protocol: Protocol, host_port: int, guest_port: int) -> int:
        """Forward a TCP port as :meth:`.Slirp.forward` does, through a listener of this process; UDP is refused."""
        if protocol != "tcp":
            raise RuntimeError("An isolated machine can only be reached over TCP.")
        accept = partial(self._accept, host_port)
        try:
            listener = await asyncio.start_server(accept, "127.0.0.1", host_port)
        except OSError:
            raise PortTaken(host_port, protocol) from None
        try:
            number = await super().forward(protocol, host_port, guest_port)
        except BaseException:
            listener.close()
            raise
        self._listeners[number] = listener
        return number

    async def remove_forward(self, number: int) -> None:
        """Remove a forward and its listener."""
        self._listeners.pop(number).close()
        await super().remove_forward(number)

    def stop(self) -> None:
        """Close the listeners and end the process."""
        for listener in self._listeners.values():
            listener.close()
        super().stop()

    def _accept(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connect(port, reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connect(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            relay_reader, relay_writer = await safe_connect.connect(self._relay)
            relay_writer.write(f"{port}\n".encode())
            await asyncio.gather(_copy(reader, relay_writer), _copy(relay_reader, writer))
            relay_writer.close()
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy a stream and then its end; when the connection breaks, close both directions."""
    try:
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()
