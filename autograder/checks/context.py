"""What a check gets to look at: a daemon, the way to its published ports, this run's token, another computer.

In grading the daemon belongs to the submission: it may answer anything. So every request has a deadline and
a limit, no redirect is followed, and what comes back is bytes to look at, never anything to obey.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from autograder.checks.http_requests import Answer, NoAnswer, Question, ask
from autograder.execution.container_errors import shared_with, start_beside
from autograder.execution.container_waiting import exit_code
from autograder.execution.workspace import Workspace
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

__all__ = ["Answer", "CheckContext", "NoAnswer", "Reach"]

#: Returns the (host, port) of this computer that leads to a port published in the daemon.
Reach = Callable[[int, str], tuple[str, int]]

_BUSYBOX = "drydock/busybox:1.37"
_PAGE_LIMIT = 1 << 20
#: More lines than a script of ours prints: one for each process of a machine, which may have 2,000.
_LINES = 5_000


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
        question = Question(method, path, body, {"Connection": "close", "Accept": accept})
        try:
            host, number = self.reach(port, "tcp")
        except OSError as error:
            raise NoAnswer(f"the connection failed ({type(error).__name__})") from error
        return ask(host, number, question, seconds, limit)

    def run(self, script: str, *, image: str = _BUSYBOX, seconds: float = 20, **options: Any) -> tuple[int | None, str]:
        """Run a shell script in a small container of ours beside theirs; its exit code and what it said.

        ``options`` are docker-py's, as ``network_mode="container:…"``; the code is None when it didn't end in time.
        Of what it said, the last 5,000 lines are returned. When a container whose namespace it shares has ended, that
        is a :class:`~autograder.execution.container_errors.ContainerEnded`.
        """
        command, labels = ["sh", "-c", script], {LABEL: "autograder"}
        made = self.docker.containers.create(self.image(image), command, labels=labels, **options)
        try:
            start_beside(made, shared_with(options))
            return exit_code(made, seconds), _log_of(made)
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


def _log_of(container: Container) -> str:
    return container.logs(tail=_LINES).decode(errors="replace")
