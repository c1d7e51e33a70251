"""One HTTP request to a port that a submission published: what answers there may say anything, and as slowly as it
likes.

So the whole exchange has a deadline, of the answer only so much is read, and no redirect is followed.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass


class NoAnswer(Exception):
    """Nothing that could be called an HTTP answer came back; the message says what did."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: its status and the first megabyte of its body."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, with what is no text replaced."""
        return self.body.decode(errors="replace")


@dataclass(frozen=True)
class Question:
    """An HTTP request without the address to which it goes."""

    method: str
    path: str
    body: bytes | None
    headers: Mapping[str, str]


def ask(host: str, port: int, question: Question, seconds: float, limit: int) -> Answer:
    """Send a request and return the answer, ``limit`` bytes of its body at most. Raises :class:`NoAnswer`."""
    try:
        return _exchange(host, port, question, seconds, limit)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(_in_words(error, seconds)) from error


class _Response(http.client.HTTPResponse):
    """A response that reads no chunk of a negative size: Python would read it to the end of the connection."""

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        if size < 0:
            raise http.client.IncompleteRead(b"")
        return size


def _exchange(host: str, port: int, question: Question, seconds: float, limit: int) -> Answer:
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    connection.response_class = _Response
    connection.connect()
    # A socket's timeout starts anew with each byte; the alarm bounds the whole exchange.
    late = threading.Event()
    alarm = threading.Timer(seconds, _hang_up, [connection.sock, late])
    alarm.start()
    try:
        connection.request(question.method, question.path, question.body, question.headers)
        answer = connection.getresponse()
        read = answer.read(limit)
        if answer.length and len(read) < limit:
            raise http.client.IncompleteRead(read, answer.length)
        return Answer(answer.status, read)
    except ConnectionResetError as error:
        if late.is_set():
            raise TimeoutError from error
        raise
    finally:
        alarm.cancel()
        connection.close()


def _hang_up(line: socket.socket, late: threading.Event) -> None:
    late.set()  # first, since the thread that waits for the answer continues at once
    with suppress(OSError):  # it was closed already
        line.shutdown(socket.SHUT_RDWR)


def _in_words(error: Exception, seconds: float) -> str:
    match error:
        case TimeoutError():
            return f"no answer within {seconds:.0f} s"
        case ConnectionRefusedError():
            return "the connection was refused"
        case ConnectionResetError():
            return "the connection was closed without an answer"
        case http.client.IncompleteRead():
            return "the answer was cut short"
        case http.client.HTTPException() | ValueError():
            return "what answered does not speak HTTP"
        case _:
            return f"the connection failed ({type(error).__name__})"
