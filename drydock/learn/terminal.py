"""A real terminal on a container, from a program: ``docker attach`` and ``docker exec -ti`` without a person typing.

>>> with terminal.attach(container) as screen:
...     screen.type("echo $((6 * 7))")
...     screen.read_until("42")
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import socket
from typing import Any

from docker.models.containers import Container

from drydock.errors import TerminalClosed, TimedOut

#: Ctrl-p Ctrl-q: leaves a terminal without ending what runs in it.
DETACH = "\x10\x11"

#: What programs send to colour and move: it means nothing on paper.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x07")
_LINE_END = re.compile(r"\r+\n")
_BEGUN_AGAIN = re.compile(r"[^\n]*\r(?=[^\n])")
_ROWS, _COLUMNS = 24, 88
#: A screen is at rest when nothing came for so long; a dark one is waited for no longer than that; seconds.
_QUIET, _SETTLES = 0.1, 2.0


class Terminal:
    """One open terminal: type into it, wait for what it shows. ``str()`` is all it has shown so far."""

    def __init__(self, connection: socket, already: bytes = b"") -> None:
        self._connection = connection
        self._shown = already
        self._read = 0

    def type(self, line: str) -> None:
        """Type a line and press Enter; as a person would, when the screen has come to rest."""
        self._settle()
        self.press(line + "\n")

    def press(self, keys: str) -> None:
        """Press keys at once, without Enter, as in ``press(DETACH)``."""
        try:
            self._connection.sendall(keys.encode())
        except OSError:
            raise TerminalClosed(keys, self._unread()) from None

    def read_until(self, text: str, seconds: float = 20) -> str:
        """Wait until ``text`` appears, and return what was shown since the last reading.

        A terminal also shows what is typed into it, so wait for the answer and not for the question. Raises
        :class:`~drydock.errors.TimedOut`, or :class:`~drydock.errors.TerminalClosed` when it closes before.
        """
        deadline = time.monotonic() + seconds
        while text not in self._unread():
            if not self._more(deadline, repr(text), seconds):
                raise TerminalClosed(text, self._unread())
        return self._take()

    def read_to_end(self, seconds: float = 20) -> str:
        """Wait until the other side closes the terminal, and return what was shown since the last reading."""
        deadline = time.monotonic() + seconds
        while self._more(deadline, "the terminal to close", seconds):
            pass
        return self._take()

    def __str__(self) -> str:
        return plain(self._shown)

    def _unread(self) -> str:
        return plain(self._shown[self._read :])

    def _take(self) -> str:
        text = self._unread()
        # Counted in bytes, which stay: a line of text gets shorter when a program begins it again.
        self._read = len(self._shown)
        return text

    def _settle(self) -> None:
        """Read until nothing more comes; a prompt that is still on its way would mix with what is typed."""
        longest = time.monotonic() + _SETTLES
        with suppress(TimedOut):
            while self._more(min(longest, time.monotonic() + _QUIET) if self._shown else longest, "quiet", _SETTLES):
                pass

    def _more(self, deadline: float, awaited: str, seconds: float) -> bool:
        """Read what has come; False when the other side has closed."""
        try:
            self._connection.settimeout(max(0.001, deadline - time.monotonic()))
            came = self._connection.recv(65536)
        except TimeoutError:
            raise TimedOut(awaited, seconds, f"it showed: {self._unread()[-300:]}") from None
        self._shown += came
        return bool(came)


@contextmanager
def attach(container: Container) -> Iterator[Terminal]:
    """The terminal of a running container's own process, as ``docker attach`` opens it."""
    wanted = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    with _opened(container.attach_socket(params=wanted)) as terminal:
        # A change of size makes programs draw their screen anew, as docker attach does it.
        for rows in (_ROWS + 1, _ROWS):
            container.resize(height=rows, width=_COLUMNS)
        yield terminal


@contextmanager
def execute(container: Container, command: str = "bash") -> Iterator[Terminal]:
    """A terminal on another process in the same container, as ``docker exec -ti`` opens it."""
    api: Any = container.client.api if container.client else None
    process = api.exec_create(container.id, command, stdin=True, tty=True)
    with _opened(api.exec_start(process["Id"], tty=True, socket=True)) as terminal:
        api.exec_resize(process["Id"], height=_ROWS, width=_COLUMNS)
        yield terminal


@contextmanager
def _opened(answer: Any) -> Iterator[Terminal]:
    # docker-py gives a bare socket over TLS, and a file around one otherwise.
    connection = getattr(answer, "_sock", answer)
    response = getattr(answer, "_response", None)
    try:
        yield Terminal(connection, _overtaken(connection, response))
    finally:
        connection.close()
        if response is not None:
            response.close()


def _overtaken(connection: socket, response: Any) -> bytes:
    """What came together with the answer's headers: it lies in the response's buffer and not in the socket."""
    if response is None:
        return b""
    connection.setblocking(False)
    try:
        came: bytes = response.raw._fp.fp.peek()
    except OSError:  # nothing was there, and over TLS that is an error
        return b""
    return came


def plain(shown: bytes) -> str:
    """What a terminal showed, as lines of text: a line that was begun again is kept as it was in the end."""
    text = _CONTROL.sub("", shown.decode(errors="replace"))
    return _BEGUN_AGAIN.sub("", _LINE_END.sub("\n", text)).replace("\r", "")
