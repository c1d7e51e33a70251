"""Whose doing it is when Docker refuses: a container of the student's may have ended between two looks at it.

Docker answers with a conflict (409) then, and it does the same when the grader uses a container of its own in a wrong
way. Only the caller knows which of the two it was, so it uses what is here where the student's program decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container


class ContainerEnded(Exception):
    """A container in which the student's program runs had ended, or was starting again, when a check needed it."""


@contextmanager
def needs_running() -> Iterator[None]:
    """Raise :class:`ContainerEnded` for a conflict; what is done within concerns only a container of the student's."""
    try:
        yield
    except APIError as error:
        if error.status_code == HTTPStatus.CONFLICT:
            raise ContainerEnded from error
        raise


def start_beside(ours: Container, theirs: Collection[str]) -> None:
    """Start a container of ours that shares namespaces with containers of the student's, which are named by their ids.

    Raises :class:`ContainerEnded` when one of these has ended, :class:`docker.errors.NotFound` when one is gone, and
    :class:`docker.errors.APIError` for what is no fault of theirs.
    """
    try:
        ours.start()
    except APIError as error:
        if theirs and error.status_code == HTTPStatus.CONFLICT:
            raise ContainerEnded from error
        # One that ends a moment later ends the start in the middle, which Docker reports in many ways.
        if not all(_has_run_since(ours, other) for other in theirs):
            raise ContainerEnded from error
        raise


def shared_with(options: dict[str, Any]) -> set[str]:
    """Return the ids of the containers whose namespaces are shared by docker-py's options for a new container."""
    modes = (str(options.get(name, "")) for name in ("network_mode", "pid_mode"))
    return {mode.removeprefix("container:") for mode in modes if mode.startswith("container:")}


def _has_run_since(ours: Container, other: str) -> bool:
    """Return whether a container runs, and has done so since ours was made, by the daemon's clock."""
    if ours.client is None:
        return True
    state = ours.client.containers.get(other).attrs["State"]
    return bool(state["Running"] and not state["Restarting"] and state["StartedAt"] < ours.attrs["Created"])
