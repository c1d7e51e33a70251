"""The server whose published port is measured. A container runs this file alone, so it imports nothing of Drydock's.

The first bytes that a client sends choose the answer:

=================  ====================================================================================
``download MB``    so many MB (of 2^20 bytes), then the end of the stream
``upload``         ``ready``; after the end of the client's stream, the number of bytes that have arrived
any other line     the same line, half a second later
=================  ====================================================================================
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress

CHUNK_BYTES = 1 << 20
DELAY_SECONDS = 0.5
_BACKLOG = 1024


async def serve(port: int) -> None:
    """Answer all clients that connect to a port of any IPv4 address; runs until cancelled."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("", port), backlog=_BACKLOG) as server:
        server.setblocking(False)
        async with asyncio.TaskGroup() as connections:
            while True:
                client, _ = await loop.sock_accept(server)
                connections.create_task(answer(client))


async def answer(client: socket.socket) -> None:
    """Answer one client and close its socket; a client that has disconnected gets no answer."""
    loop = asyncio.get_running_loop()
    with client, suppress(OSError):
        request = await loop.sock_recv(client, 64)
        match request.split():
            case [b"download", size]:
                chunk = bytes(CHUNK_BYTES)
                for _ in range(int(size)):
                    await loop.sock_sendall(client, chunk)
            case [b"upload"]:
                await loop.sock_sendall(client, b"ready")
                await loop.sock_sendall(client, b"%d" % await _received_bytes(client))
            case _:
                await asyncio.sleep(DELAY_SECONDS)
                await loop.sock_sendall(client, request)


async def _received_bytes(client: socket.socket) -> int:
    """Read until the end of the client's stream."""
    loop, buffer, size = asyncio.get_running_loop(), bytearray(CHUNK_BYTES), 0
    while count := await loop.sock_recv_into(client, buffer):
        size += count
    return size


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
