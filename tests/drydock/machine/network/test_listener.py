"""A listener joins each client to a connection of its own, however many there are."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from drydock.machine.network.listener import Listener, Stream, join
from drydock.machine.network.slirp import free_port
from tests.drydock.machine.network.web_server import needs_ipv6

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def joined(serve: Serve, scenario: Callable[[Listener, int], Awaitable[bytes]]) -> bytes:
    """Run a scenario with a listener at a free port whose clients are joined to a server."""

    async def main() -> bytes:
        target, port = free_port(), free_port()
        connect = partial(asyncio.open_connection, "127.0.0.1", target)
        async with await asyncio.start_server(serve, "127.0.0.1", target):
            listener = Listener(partial(join, connect))
            await listener.listen("127.0.0.1", port)
            try:
                return await asyncio.wait_for(scenario(listener, port), 30)
            finally:
                listener.close()
                while len(asyncio.all_tasks()) > 1:
                    await asyncio.sleep(0.01)

    return asyncio.run(main())


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read to the end of the client's direction, and only then answer."""
    request = await reader.read()
    writer.write(b"answer to " + request)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def ask(port: int) -> bytes:
    """Send a request, end this direction, and return the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"request")
    writer.write_eof()
    received = await reader.read()
    writer.close()
    await writer.wait_closed()
    return received


def test_a_half_closed_connection_still_gets_its_answer() -> None:
    """When the client has ended its direction, the answer still arrives, also after a garbage collection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gc.collect()
        await answer(reader, writer)

    assert joined(serve, lambda _, port: ask(port)) == b"answer to request"


def test_a_server_may_end_its_direction_first() -> None:
    """When the server has ended its direction, the client's bytes still arrive at it."""
    received = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write_eof()
        received.extend(await reader.read())
        writer.close()

    async def scenario(_: Listener, port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.write(b"late")
        writer.close()
        while not received:
            await asyncio.sleep(0.01)
        return bytes(received)

    assert joined(serve, scenario) == b"late"


def test_many_clients_at_once() -> None:
    """Each of 150 clients at once gets its answer: with the servers that is 600 of a user's 1,024 open files."""

    async def scenario(_: Listener, port: int) -> bytes:
        return b"".join(await asyncio.gather(*[ask(port) for _ in range(150)]))

    assert joined(answer, scenario) == b"answer to request" * 150


def test_closing_ends_the_connections() -> None:
    """When a listener is closed, its open connections end, and new ones are refused."""

    async def scenario(listener: Listener, port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"request")
        await asyncio.sleep(0)
        listener.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    assert joined(answer, scenario) == b""


def test_a_client_without_a_target_is_disconnected() -> None:
    """When no connection to the target is possible, the client is disconnected."""

    async def connect() -> Stream:
        raise TimeoutError("no answer")

    async def main() -> None:
        listener, port = Listener(partial(join, connect)), free_port()
        await listener.listen("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        listener.close()

    asyncio.run(main())


def test_small_packets_are_sent_at_once() -> None:
    """An answer in two parts reaches the client without the kernel's wait for an acknowledgement between them."""
    options: list[int] = []

    async def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        options.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def main() -> None:
        listener, port = Listener(look), free_port()
        await listener.listen("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.wait_for(reader.read(), 10)
        writer.close()
        listener.close()

    asyncio.run(main())
    assert options == [1]


@needs_ipv6
def test_ipv6_and_ipv4_are_apart() -> None:
    """A listener at ::1 accepts clients there, and leaves the port of 127.0.0.1 to another program."""

    async def main() -> bytes:
        target, port = free_port(), free_port()
        listener = Listener(partial(join, partial(asyncio.open_connection, "127.0.0.1", target)))
        async with await asyncio.start_server(answer, "127.0.0.1", target):
            await listener.listen("::1", port)
            async with await asyncio.start_server(answer, "127.0.0.1", port):
                reader, writer = await asyncio.open_connection("::1", port)
                writer.write_eof()
                received = await asyncio.wait_for(reader.read(), 10)
                writer.close()
        listener.close()
        return received

    assert asyncio.run(main()) == b"answer to "


def test_a_missing_address_is_an_error() -> None:
    """A listener at an address that this computer doesn't have is an error, not a listener without a socket."""
    listener = Listener(partial(join, partial(asyncio.open_connection, "127.0.0.1", 1)))
    with pytest.raises(OSError, match=os.strerror(errno.EADDRNOTAVAIL)):
        asyncio.run(listener.listen("192.0.2.1", 0))


def test_a_unix_socket_is_private(tmp_path: Path) -> None:
    """Only the user may connect to a Unix socket."""

    async def main() -> int:
        listener = Listener(partial(join, partial(asyncio.open_connection, "127.0.0.1", 1)))
        await listener.listen_unix(tmp_path / "socket")
        listener.close()
        return stat.S_IMODE((tmp_path / "socket").stat().st_mode)

    assert asyncio.run(main()) == 0o600
