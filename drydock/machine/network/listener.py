"""A listener of the supervisor: each of its clients is joined to a connection into the machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

#: Clients that may wait until this process accepts them. slirp4netns itself would listen with a backlog of 1.
_BACKLOG = 1024
#: Bytes that are read at once.
CHUNK_BYTES = 1 << 18

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
#: Opens a connection to a port of the machine; raises OSError (TimeoutError is one) when it can't.
Connect = Callable[[], Awaitable[Stream]]
#: Serves one client until both directions have ended; raises OSError when it can't connect the client.
Join = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def address_family(address: str) -> socket.AddressFamily:
    """Return the family of sockets for an IPv4 or IPv6 address."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def send_at_once(connection: socket.socket) -> None:
    """Let a TCP socket, and the sockets it accepts, send small packets at once: some wait 40 ms otherwise.

    asyncio does that for sockets of its own, but not for a socket that it is given.
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Listener:
    """A listening socket and the connections that its clients have opened."""

    def __init__(self, join: Join) -> None:
        self._join = join
        self._server: asyncio.Server | None = None
        #: References to the running tasks: asyncio has none itself, and the garbage collector would cancel a task of
        #: which one direction has ended.
        self._connections: set[asyncio.Task[None]] = set()

    async def listen(self, address: str, port: int) -> None:
        """Listen at one IPv4 or IPv6 address; raises OSError when its port is in use or the address is missing."""
        # Not by asyncio: it ignores an address that this computer doesn't have.
        listening = socket.create_server((address, port), family=address_family(address), backlog=_BACKLOG)
        send_at_once(listening)
        self._server = await asyncio.start_server(self._accept, sock=listening, backlog=_BACKLOG, limit=CHUNK_BYTES)

    async def listen_unix(self, path: Path) -> None:
        """Listen at a path; only this user may connect."""
        self._server = await asyncio.start_unix_server(self._accept, path, backlog=_BACKLOG, limit=CHUNK_BYTES)
        path.chmod(0o600)

    def close(self) -> None:
        """Stop listening and end the connections."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):  # a client that can't be connected is disconnected
                await self._join(reader, writer)
        finally:
            writer.close()


async def join(connect: Connect, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Join a client to a new connection, and copy both directions until they have ended."""
    target_reader, target_writer = await connect()
    try:
        await asyncio.gather(_copy(reader, target_writer), _copy(target_reader, writer))
    finally:
        target_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy a stream and then its end; when the connection breaks, close both directions."""
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()
