"""A TLS connection of which either side can end its own direction first, as dockerd allows it.

The streams of asyncio and :mod:`ssl`'s sockets end both directions at once. In TLS each direction ends with an alert
of its own, ``close_notify``, and what arrives afterwards can still be read.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

from drydock.machine.network.listener import CHUNK_BYTES


class TlsConnection:
    """The client's side of TLS over a connected stream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        #: Whether the server has ended its direction.
        self._ended = False
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname="127.0.0.1")

    async def handshake(self) -> None:
        """Exchange certificates; raises :class:`ssl.SSLError`, or ConnectionError when the server disconnects."""
        while True:
            try:
                self._tls.do_handshake()
                return await self._flush()
            except ssl.SSLWantReadError:
                await self._flush()
            if not (data := await self._reader.read(CHUNK_BYTES)):
                raise ConnectionError("the server has closed the connection during the TLS handshake")
            self._incoming.write(data)

    async def read(self) -> bytes:
        """Return the next bytes; none at the end of the server's direction."""
        while not (plain := self._decrypt()) and not self._ended:
            data = await self._reader.read(CHUNK_BYTES)
            self._incoming.write(data)
            self._ended = not data
        return plain

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self._tls.write(data)
        await self._flush()

    async def write_eof(self) -> None:
        """End this side's direction; the server's bytes can still be read."""
        with suppress(ssl.SSLWantReadError):  # OpenSSL has sent the alert, and would wait for the server's
            self._tls.unwrap()
        await self._flush()

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    def _decrypt(self) -> bytes:
        """Return the bytes of all complete records: OpenSSL's ``unwrap`` fails when there is one that is not read."""
        plain = bytearray()
        try:
            while chunk := self._tls.read(CHUNK_BYTES):
                plain += chunk
        except ssl.SSLWantReadError:
            return bytes(plain)
        except ssl.SSLZeroReturnError:  # after `write_eof`; before it, the end is an empty chunk
            pass
        self._ended = True
        return bytes(plain)

    async def _flush(self) -> None:
        if self._outgoing.pending:
            self._writer.write(self._outgoing.read())
            await self._writer.drain()
