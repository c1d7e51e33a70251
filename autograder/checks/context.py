"""What a check gets to look at: a daemon, the way to its published ports, this run's token, another computer.

In grading the daemon belongs to the submission: it may answer anything. So every request has a deadline and
a limit, no redirect is followed, and what comes back is bytes to look at, never anything to obey.
"""

from __future__ import annotations

import hashlib
import http.client
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from autograder.execution.container_waiting import exit_code
from autograder.execution.workspace import Workspace
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

#: Returns the (host, port) of this computer that leads to a port published in the daemon.
Reach = Callable[[int, str], tuple[str, int]]

_BUSYBOX = "drydock/busybox:1.37"
_PAGE_LIMIT = 1 << 20


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
class CheckContext:
    """What a check may look at.

    ``docker`` is the real docker-py client of the daemon, ``token`` this run's, which the student knows, and ``secret``
    one that they don't. ``work`` is the student's folder. ``images`` has the ids of images as they were before the
    notebook ran: what a name means now is the submission's choice. ``another`` makes the context of another computer.
    In ``noted`` a check that changes what it looks at keeps, for its second look, how that was before.
    """

    docker: DockerClient
    reach: Reach
    token: str
    work: Workspace = field(default_factory=Workspace)
    images: Mapping[str, str] = field(default_factory=dict)
    secret: str = field(default_factory=secrets.token_hex)
    another: Callable[[], CheckContext] | None = None
    noted: dict[str, Any] = field(default_factory=dict)

    def elsewhere(self) -> CheckContext:
        """Another computer with the student's folder and nothing else of theirs; this one where there is no other."""
        return self.another() if self.another else self

    def image(self, name: str) -> str:
        """The image that had this name before the notebook ran."""
        return self.images.get(name, name)

    def word(self, what: str) -> str:
        """A word for something that nobody could guess; the same one in all checks of a run."""
        return "x" + hashlib.sha256(f"{self.secret} {what}".encode()).hexdigest()[:12]

    def container(self, name: str) -> Container | None:
        """The container with exactly this name, or None."""
        try:
            return self.docker.containers.get(name)
        except NotFound:
            return None

    def names(self) -> list[str]:
        """The names of all containers, running or not, that are not ours."""
        everything = self.docker.containers.list(all=True, sparse=True)
        theirs = [
            container.attrs
            for container in everything
            if (container.attrs.get("Labels") or {}).get(LABEL) != "autograder"
        ]
        return sorted(attrs["Names"][0].lstrip("/") for attrs in theirs if attrs.get("Names"))

    def fetch(
        self,
        port: int,
        path: str = "/",
        *,
        method: str = "GET",
        body: bytes | None = None,
        seconds: float = 5,
        accept: str = "*/*",
        limit: int = _PAGE_LIMIT,
    ) -> Answer:
        """Ask a published port for a path; of the answer, ``limit`` bytes are read. Raises :class:`NoAnswer`."""
        question = _Question(method, path, body, {"Connection": "close", "Accept": accept})
        try:
            return _ask(*self.reach(port, "tcp"), question, seconds, limit)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(_in_words(error, seconds)) from error

    def run(self, script: str, *, image: str = _BUSYBOX, seconds: float = 20, **options: Any) -> tuple[int | None, str]:
        """Run a shell script in a small container of ours beside theirs; its exit code and what it said.

        ``options`` are docker-py's, as ``network_mode="container:…"``; the code is None when it didn't end in time.
        """
        command, labels = ["sh", "-c", script], {LABEL: "autograder"}
        made = self.docker.containers.create(self.image(image), command, labels=labels, **options)
        try:
            made.start()
            return exit_code(made, seconds), _log_tail(made)
        finally:
            made.remove(force=True)

    def holds(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Whether a condition is true now and stays true for some seconds."""
        end = time.monotonic() + seconds
        try:
            wait_for(lambda: not condition(), "a change", seconds=end - time.monotonic(), every=0.25)
        except TimedOut:
            return True
        return False


@dataclass(frozen=True)
class _Question:
    method: str
    path: str
    body: bytes | None
    headers: Mapping[str, str]


def _log_tail(container: Container) -> str:
    return container.logs(tail=200).decode(errors="replace")


def _ask(host: str, port: int, question: _Question, seconds: float, limit: int) -> Answer:
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
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
        case http.client.HTTPException():
            return "what answered does not speak HTTP"
        case _:
            return f"the connection failed ({type(error).__name__})"
