"""What a container said last, as a reason quotes it."""

from __future__ import annotations

from docker.errors import APIError
from docker.models.containers import Container


def lines(container: Container, tail: int = 50, *, stdout: bool = True) -> list[str]:
    """The last lines of its log, of the error output alone unless ``stdout``.

    None where its log driver keeps nothing that Docker could read. Docker reads the two outputs side by side: lines
    that a program writes within the same moment may come in either order.
    """
    try:
        return container.logs(tail=tail, stdout=stdout).decode(errors="replace").splitlines()
    except APIError:
        return []


def last_line(container: Container, *, stdout: bool = True) -> str:
    """The last line with a letter in it, else the last that isn't blank, at most 200 characters; empty without any.

    Python's own web server draws a line of dashes under each error, which has no information.
    """
    nonblank = [line.strip()[:200] for line in lines(container, stdout=stdout) if line.strip()]
    readable = [line for line in nonblank if any(letter.isalpha() for letter in line)]
    return next(reversed(readable or nonblank), "")


def last_printed(container: Container) -> str:
    """The last line as a sentence: ``It last printed: '…'`` or ``It printed nothing.`` is what a reason ends with.

    A program that ended with an error printed the reason on its error output, if it wrote there: Python flushes the
    other output only after the traceback.
    """
    failed = container.attrs["State"]["ExitCode"] != 0
    last = (failed and last_line(container, stdout=False)) or last_line(container)
    return f"It last printed: {last!r}" if last else "It printed nothing."
