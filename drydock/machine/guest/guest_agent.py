"""The supervisor's end of the guest's second console, where the guest's ``agent`` program answers requests.

A process that is root in the guest can write anything to a console, so lines are bounded and are never more than text.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections import deque
from pathlib import Path

_MAX_LINE_BYTES = 8192


class GuestAgent:
    """A client of the guest's agent: one request and one answer at a time, each on one line."""

    def __init__(self) -> None:
        self._host_end, self.guest_end = socket.socketpair()
        self._listener: socket.socket | None = None
        self._numbers = itertools.count(1)
        self._lock = asyncio.Lock()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    def listen(self, path: Path) -> Path:
        """Listen at ``path`` for a kernel that can't inherit ``guest_end``; only the first connection is accepted."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.setblocking(False)
        self._listener.bind(str(path))
        self._listener.listen(1)
        return path

    async def open(self) -> None:
        """Open the host's end. Call it once the kernel holds the guest's end, or is about to connect to the socket."""
        self.guest_end.close()
        if self._listener is not None:
            with self._listener, self._host_end:
                self._host_end, _ = await asyncio.get_running_loop().sock_accept(self._listener)
        self._reader, self._writer = await asyncio.open_connection(sock=self._host_end, limit=_MAX_LINE_BYTES)

    async def ask(self, verb: str, *arguments: str, seconds: float = 10) -> str:
        """Return the agent's answer to ``verb arguments``; raise RuntimeError with its message when it refuses."""
        async with self._lock, asyncio.timeout(seconds):
            number = str(next(self._numbers))
            self._writer.write(" ".join([number, verb, *arguments]).encode() + b"\n")
            await self._writer.drain()
            return await self._answer(number)

    def close(self) -> None:
        """Close the host's end, and the guest's end if it is still open here."""
        if self._listener is not None:
            self._listener.close()
        if hasattr(self, "_writer"):
            self._writer.close()
        else:
            self._host_end.close()
            self.guest_end.close()

    async def _answer(self, number: str) -> str:
        while True:
            try:
                line = await self._reader.readline()
            except ValueError:
                raise RuntimeError("the guest's answer is too long") from None
            if not line:
                raise RuntimeError("the guest closed its console")
            fields = line.decode(errors="replace").strip().split(" ", 2)
            if len(fields) >= 2 and fields[0] == number:
                text = fields[2] if len(fields) > 2 else ""
                if fields[1] != "ok":
                    raise RuntimeError(text)
                return text


async def keep_tail(stream: asyncio.StreamReader, tail: deque[bytes]) -> None:
    """Read a stream until it ends and keep only the last chunks: a guest may print without end."""
    while chunk := await stream.read(4096):
        tail.append(chunk)
