"""A Unix socket for the machine's Docker daemon, beside its TLS endpoint.

Some tools know no TLS, and docker-py can't end its own direction of a terminal session over TLS. The supervisor speaks
TLS to the daemon with the machine's client certificate, so only the user may connect to the socket.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import partial
from pathlib import Path

from drydock.machine.network.listener import CHUNK_BYTES, Connect, Listener
from drydock.machine.network.tls_connection import TlsConnection


def listener(certificates: Path, connect: Connect) -> Listener:
    """Return a listener for clients of the daemon; ``connect`` opens a connection to its TLS port."""
    context = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    return Listener(partial(_join, context, connect))


async def _join(
    context: ssl.SSLContext, connect: Connect, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    daemon = TlsConnection(*await connect(), context)
    try:
        await daemon.handshake()
        await asyncio.gather(_send(reader, daemon), _receive(daemon, writer))
    finally:
        daemon.close()


async def _send(reader: asyncio.StreamReader, daemon: TlsConnection) -> None:
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            await daemon.write(chunk)
        await daemon.write_eof()
    except OSError:  # the client or the daemon has disconnected; an error of TLS is an OSError, too
        daemon.close()


async def _receive(daemon: TlsConnection, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await daemon.read():
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()
        daemon.close()
