"""What to show for an error of docker-py: the help for what the daemon answered, else the answer itself.

Without this, a cell shows 30 lines or more of docker-py's own code, and the answer of the daemon below them.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from drydock.errors import ContainerCommandFailed, DrydockError, RequestRefused
from drydock.learn.docker_errors import explained


def of_error(error: BaseException) -> DrydockError | None:
    """Return the error to show for one that docker-py raised, possibly while it handled another; None for others."""
    messages: list[str] = []
    current: BaseException | None = error
    while current is not None:
        if type(current).__module__.partition(".")[0] == "docker":
            messages.append(str(getattr(current, "explanation", None) or current))
        current = current.__cause__ or current.__context__
    return (explained("\n".join(messages)) if messages else None) or _reported(error)


def _reported(error: Any) -> DrydockError | None:
    """Return the error with what the daemon, or a command in a container, reports; None for errors without a report."""
    if type(error).__module__ != "docker.errors":
        return None
    if hasattr(error, "exit_status"):
        output = error.stderr or b""
        printed = output.decode(errors="replace") if isinstance(output, bytes) else str(output)
        return ContainerCommandFailed(_command_line(error.command), error.exit_status, printed)
    if answer := getattr(error, "explanation", None):
        return RequestRefused(str(answer), missing=error.status_code == 404)
    return None


def _command_line(command: str | Sequence[str] | None) -> str:
    if isinstance(command, str):
        return command
    return shlex.join(command) if command else "CMD"
