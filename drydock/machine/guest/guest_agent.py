"""The second console: the supervisor's line to the guest's ``control`` program, and the first one's log.

What comes over it was written by whoever is root in the guest, so lines are bounded and never more than text.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections import deque
from pathlib import Path

_LONGEST_LINE = 8192


class GuestAgent:
    """Asks the guest, one line at a time."""

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()
        self._listener: socket.socket | None = None
        self._numbers = itertools.count(1)
        self._lock = asyncio.Lock()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    def listen(self, path: Path) -> Path:
        """Have the kernel call for its end at a socket, where it can't inherit one; the first caller is taken."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.setblocking(False)
        self._listener.bind(str(path))
        self._listener.listen(1)
        return path

    async def open(self) -> None:
        """Take our end; call it once the kernel holds the other, or is about to call for it."""
        self.theirs.close()
        if self._listener is not None:
            with self._listener, self._ours:
                self._ours, _ = await asyncio.get_running_loop().sock_accept(self._listener)
        self._reader, self._writer = await asyncio.open_connection(sock=self._ours, limit=_LONGEST_LINE)

    async def ask(self, verb: str, *arguments: str, seconds: float = 10) -> str:
        """The guest's answer to ``verb arguments``; RuntimeError with its words when it says no."""
        async with self._lock, asyncio.timeout(seconds):
            number = str(next(self._numbers))
            self._writer.write(" ".join([number, verb, *arguments]).encode() + b"\n")
            await self._writer.drain()
            return await self._answer(number)

    def close(self) -> None:
        """Let go of our end."""
        if self._listener is not None:
            self._listener.close()
        if hasattr(self, "_writer"):
            self._writer.close()
        else:
            self._ours.close()
            self.theirs.close()

    async def _answer(self, number: str) -> str:
        while True:
            try:
                line = await self._reader.readline()
            except ValueError:
                raise RuntimeError("the guest's answer is too long") from None
            if not line:
                raise RuntimeError("the guest closed its console")
            words = line.decode(errors="replace").strip().split(" ", 2)
            if len(words) >= 2 and words[0] == number:
                text = words[2] if len(words) > 2 else ""
                if words[1] != "ok":
                    raise RuntimeError(text)
                return text


async def keep_tail(stream: asyncio.StreamReader, tail: deque[bytes]) -> None:
    """Read the first console for as long as it lasts, keeping only the end: a guest may print without end."""
    while chunk := await stream.read(4096):
        tail.append(chunk)
