"""A container's terminal in a program: ``docker attach`` and ``docker exec -ti`` without a person at the keyboard.

>>> with terminal.attach(container) as screen:
...     screen.type("echo $((6 * 7))")
...     screen.read_until("42")
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from drydock.errors import TerminalClosed, TimedOut

if TYPE_CHECKING:
    from socket import socket

    from docker.models.containers import Container

#: Ctrl-P Ctrl-Q: Docker's detach keys, which leave a terminal without ending its program.
DETACH = "\x10\x11"

#: Escape sequences for colours, cursor movements and titles, and the bell. None is looked for beyond the next one's
#: beginning, so that the time does not grow with the square of the output.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*\x07|\x07")
_ROWS, _COLUMNS = 24, 88
#: Before typing, wait until there was no output for so long, but at most so long; seconds.
_QUIET_SECONDS, _SETTLE_SECONDS = 0.1, 2.0
#: More output than a person reads, in bytes: a program that prints without end is read no further.
_OUTPUT_LIMIT = 1 << 20


class Terminal:
    """An open terminal: a program types into it and waits for its output. ``str()`` is all output so far."""

    def __init__(self, connection: socket, received: bytes = b"") -> None:
        self._connection = connection
        self._received = received
        self._read_bytes = 0

    def type(self, line: str) -> None:
        """Wait until there is no more output, as a person would, then type a line and press Enter."""
        self._settle()
        self.press(line + "\n")

    def press(self, keys: str) -> None:
        """Press keys at once, without Enter, as in ``press(DETACH)``."""
        try:
            self._connection.sendall(keys.encode())
        except OSError:
            raise TerminalClosed(keys, self._unread()) from None

    def read_until(self, text: str, seconds: float = 20) -> str:
        """Wait until ``text`` appears, and return the output since the last reading.

        A terminal also shows what is typed into it, so wait for a text that the typed line does not have. Raises
        :class:`~drydock.errors.TimedOut`, or :class:`~drydock.errors.TerminalClosed` if it closes before.
        """
        deadline = time.monotonic() + seconds
        while text not in self._unread():
            if not self._receive(deadline, repr(text), seconds):
                raise TerminalClosed(text, self._unread())
        return self._read()

    def read_to_end(self, seconds: float = 20) -> str:
        """Wait until the other side closes the terminal, and return the output since the last reading."""
        deadline = time.monotonic() + seconds
        while self._receive(deadline, "the terminal to close", seconds):
            pass
        return self._read()

    def __str__(self) -> str:
        return plain_text(self._received)

    def _unread(self) -> str:
        return plain_text(self._received[self._read_bytes :])

    def _read(self) -> str:
        text = self._unread()
        # Counted in bytes, which stay: the text gets shorter when a program overwrites a line.
        self._read_bytes = len(self._received)
        return text

    def _settle(self) -> None:
        """Receive until there is no more output; a prompt that comes late would mix with the typed line."""
        latest = time.monotonic() + _SETTLE_SECONDS
        with suppress(TimedOut):
            while self._receive(self._quiet_deadline(latest), "quiet", _SETTLE_SECONDS):
                pass

    def _quiet_deadline(self, latest: float) -> float:
        return min(latest, time.monotonic() + _QUIET_SECONDS) if self._received else latest

    def _receive(self, deadline: float, awaited: str, seconds: float) -> bool:
        """Receive the next output; return False when the other side has closed the terminal.

        Raises :class:`~drydock.errors.TimedOut` at the deadline, or when there is more output than the limit.
        """
        left = deadline - time.monotonic()
        if left <= 0 or len(self._received) >= _OUTPUT_LIMIT:  # a program that prints all the time is never quiet
            raise self._timed_out(awaited, seconds)
        try:
            self._connection.settimeout(max(0.001, left))
            output = self._connection.recv(65536)
        except TimeoutError:
            raise self._timed_out(awaited, seconds) from None
        except OSError:
            output = b""  # the connection broke
        self._received += output
        return bool(output)

    def _timed_out(self, awaited: str, seconds: float) -> TimedOut:
        return TimedOut(awaited, seconds, f"The output was: {self._unread()[-300:]}")


@contextmanager
def attach(container: Container) -> Iterator[Terminal]:
    """Open the terminal of a running container's main process, as ``docker attach`` does."""
    streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    with _terminal(container.attach_socket(params=streams)) as terminal:
        # A change of size makes programs draw their screen again; docker attach does the same.
        for rows in (_ROWS + 1, _ROWS):
            container.resize(height=rows, width=_COLUMNS)
        yield terminal


@contextmanager
def execute(container: Container, command: str = "bash") -> Iterator[Terminal]:
    """Start another process in the container with a terminal of its own, as ``docker exec -ti`` does."""
    api: Any = container.client.api if container.client else None
    process = api.exec_create(container.id, command, stdin=True, tty=True)
    with _terminal(api.exec_start(process["Id"], tty=True, socket=True)) as terminal:
        api.exec_resize(process["Id"], height=_ROWS, width=_COLUMNS)
        yield terminal


@contextmanager
def _terminal(answer: Any) -> Iterator[Terminal]:
    # docker-py returns a socket with TLS, and a file object around one otherwise.
    connection = getattr(answer, "_sock", answer)
    response = getattr(answer, "_response", None)
    try:
        yield Terminal(connection, _buffered(connection, response))
    finally:
        connection.close()
        if response is not None:
            response.close()


def _buffered(connection: socket, response: Any) -> bytes:
    """Return the output that came together with the response's headers: it is in a buffer, no longer in the socket."""
    if response is None:
        return b""
    connection.setblocking(False)
    try:
        output: bytes = response.raw._fp.fp.peek()
    except OSError:  # an empty buffer is an error with TLS
        return b""
    return output


def plain_text(output: bytes) -> str:
    """Return a terminal's output as lines of text; of an overwritten line only its last version is kept."""
    lines = _CONTROL.sub("", output.decode(errors="replace")).split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
