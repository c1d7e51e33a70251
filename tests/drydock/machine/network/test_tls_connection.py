"""TLS connections whose two directions end one after the other."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drydock.machine.guest import tls
from drydock.machine.network.tls_connection import TlsConnection

Serve = Callable[[TlsConnection], Awaitable[None]]


class ServerConnection(TlsConnection):
    """The server's side, which behaves as the client's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
        super().__init__(reader, writer, ssl.create_default_context())
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)


def contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server and a client with new certificates, as a machine has them."""
    certificates = tls.issue("test")
    certificates.write_client(folder / "tls")
    for name, data in (
        ("server.pem", certificates.server.certificate_pem()),
        ("server-key.pem", certificates.server.key_pem()),
    ):
        (folder / name).write_bytes(data)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "tls" / "ca.pem"))
    server.load_cert_chain(folder / "server.pem", folder / "server-key.pem")
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=str(folder / "tls" / "ca.pem"))
    client.load_cert_chain(folder / "tls" / "cert.pem", folder / "tls" / "key.pem")
    return server, client


def connected(folder: Path, serve: Serve, scenario: Callable[[TlsConnection], Awaitable[bytes]]) -> bytes:
    """Run a scenario with a connection to a server; both must end within 30 s."""
    server_context, client_context = contexts(folder)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = ServerConnection(reader, writer, server_context)
        await connection.handshake()
        await serve(connection)
        connection.close()

    async def main() -> bytes:
        async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
            stream = await asyncio.open_connection(*server.sockets[0].getsockname())
            client = TlsConnection(*stream, client_context)
            async with asyncio.timeout(30):
                await client.handshake()
                received = await scenario(client)
            client.close()
            return received

    return asyncio.run(main())


async def read_all(connection: TlsConnection) -> bytes:
    """Read to the end of the other side's direction."""
    received = bytearray()
    while chunk := await connection.read():
        received += chunk
    return bytes(received)


def test_the_client_ends_first(tmp_path: Path) -> None:
    """A server that reads to the end of the client's direction can still answer, with more than one record."""

    async def serve(connection: TlsConnection) -> None:
        await connection.write(await read_all(connection) * 10)

    async def scenario(client: TlsConnection) -> bytes:
        await client.write(b"x" * 100_000)
        await client.write_eof()
        return await read_all(client)

    assert connected(tmp_path, serve, scenario) == b"x" * 1_000_000


def test_the_server_ends_first(tmp_path: Path) -> None:
    """After the end of the server's direction the client's bytes still arrive."""
    received = asyncio.Queue[bytes]()

    async def serve(connection: TlsConnection) -> None:
        await connection.write(b"all")
        await connection.write_eof()
        received.put_nowait(await read_all(connection))

    async def scenario(client: TlsConnection) -> bytes:
        assert await read_all(client) == b"all"
        await client.write(b"late")
        await client.write_eof()
        return await received.get()

    assert connected(tmp_path, serve, scenario) == b"late"


def test_the_end_may_come_during_an_answer(tmp_path: Path) -> None:
    """A client that ends its direction while an answer arrives gets all of it."""

    async def serve(connection: TlsConnection) -> None:
        for _ in range(50):
            await connection.write(b"y" * 50_000)
        await connection.write_eof()
        await read_all(connection)

    async def scenario(client: TlsConnection) -> bytes:
        first = await client.read()
        await client.write_eof()
        return first + await read_all(client)

    assert connected(tmp_path, serve, scenario) == b"y" * 2_500_000


def test_a_stranger_is_not_trusted(tmp_path: Path) -> None:
    """A server with a certificate of another authority is an error, and nothing is sent to it."""
    (tmp_path / "other").mkdir()
    _, client_context = contexts(tmp_path)
    server_context, _ = contexts(tmp_path / "other")

    async def main() -> None:
        accepted = asyncio.Event()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with pytest.raises(OSError, match=r"unknown ca|closed the connection"):
                await ServerConnection(reader, writer, server_context).handshake()
            writer.close()
            accepted.set()

        async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
            stream = await asyncio.open_connection(*server.sockets[0].getsockname())
            client = TlsConnection(*stream, client_context)
            with pytest.raises(ssl.SSLCertVerificationError):
                await client.handshake()
            client.close()
            await asyncio.wait_for(accepted.wait(), 10)

    asyncio.run(main())
