"""What a container said last, as a reason quotes it."""

from __future__ import annotations

from docker.errors import APIError
from docker.models.containers import Container


def lines(container: Container, tail: int = 50) -> list[str]:
    """The last lines of its log; none where its log driver keeps nothing that Docker could read."""
    try:
        return container.logs(tail=tail).decode(errors="replace").splitlines()
    except APIError:
        return []


def last_line(container: Container) -> str:
    """The last line with a letter in it, else the last that isn't blank, at most 200 characters; empty without any.

    Python's own web server draws a line of dashes under each error, which tells nobody anything.
    """
    said = [line.strip()[:200] for line in lines(container) if line.strip()]
    told = [line for line in said if any(letter.isalpha() for letter in line)]
    return next(reversed(told or said), "")


def last_said(container: Container) -> str:
    """The last line as a sentence: ``It last said: '…'`` or ``It said nothing.`` is what a reason ends with."""
    last = last_line(container)
    return f"It last said: {last!r}" if last else "It said nothing."
