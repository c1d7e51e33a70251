"""The shell that a container of an image opens when a person sits down at it: ``docker run -it``, typed by a check."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container
from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.probes.container_probe import running
from drydock.errors import TerminalClosed, TimedOut
from drydock.learn import terminal
from drydock.learn.terminal import Terminal

_SECONDS = 20
_HINT = "Sit down at it with `docker run -it`, and type. Does a shell open, and wait for you?"


@dataclass(frozen=True)
class Shell:
    """A shell, open in a container."""

    container: Container
    screen: Terminal

    def type(self, line: str) -> str:
        """Type a line of commands, and return what they print. Raises :class:`Failed` when nothing comes of it."""
        first, last = secrets.token_hex(4), secrets.token_hex(4)
        # The screen shows what is typed, too: with a gap in it, so that only what is printed can be meant.
        line = f"printf '%s%s\\n' {first} begins; {line}; printf '%s%s\\n' {last} ends"
        try:
            self.screen.type(line)
            shown = self.screen.read_until(f"{last}ends", _SECONDS)
        except TimedOut:
            raise Failed(f"What was typed had no effect. Shown: {self._end()!r}", hint=_HINT) from None
        except TerminalClosed:
            raise Failed(f"It ended while somebody typed. Shown: {self._end()!r}", hint=_HINT) from None
        return shown.rpartition(f"{first}begins")[2].partition(f"{last}ends")[0].strip("\n")

    def _end(self) -> str:
        return str(self.screen).strip()[-160:]


@contextmanager
def opened(context: CheckContext, image: Image, **settings: Any) -> Iterator[Shell]:
    """Sit down at a container of an image, with no network; ``settings`` are docker-py's."""
    with running(context, image, tty=True, stdin_open=True, **settings) as container, ExitStack() as stack:
        try:
            screen = stack.enter_context(terminal.attach(container))
        except APIError:
            raise Failed(f"It ended at once. {_last(container)}", hint=_HINT) from None
        yield Shell(container, screen)


def _last(container: Container) -> str:
    words = terminal.plain_text(container.logs(tail=3)).strip()[-160:]
    return f"It printed: {words!r}" if words else "It printed nothing."
