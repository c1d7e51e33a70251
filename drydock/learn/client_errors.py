"""What to show for an error of docker-py: the help for what the daemon answered, else the answer itself.

Without this, a cell shows 30 lines or more of docker-py's own code, and the answer of the daemon below them.
"""

from __future__ import annotations

import difflib
import re
import shlex
import traceback
from collections.abc import Sequence
from typing import Any

from drydock.errors import CallRefused, ContainerCommandFailed, DrydockError, RequestRefused
from drydock.learn.docker_errors import explained

#: What Python and docker-py raise for arguments that a call can't use.
_ARGUMENT_ERRORS = (TypeError, ValueError, AttributeError)
_UNKNOWN_ARGUMENT = re.compile(r"unexpected keyword argument '(\w+)'")
#: docker-py's names for options of `docker run` that it calls otherwise.
_OPTIONS = {
    "cmd": "command",
    "cpus": "nano_cpus",
    "env": "environment",
    "memory": "mem_limit",
    "net": "network",
    "publish": "ports",
    "restart": "restart_policy",
    "rm": "remove",
    "workdir": "working_dir",
}


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
    if isinstance(error, _ARGUMENT_ERRORS):
        return _refused_call(error) if _is_docker_pys_own(error) else None
    if type(error).__module__ != "docker.errors":
        return None
    if hasattr(error, "exit_status"):
        output = error.stderr or b""
        printed = output.decode(errors="replace") if isinstance(output, bytes) else str(output)
        return ContainerCommandFailed(_command_line(error.command), error.exit_status, printed)
    if answer := getattr(error, "explanation", None):
        return RequestRefused(str(answer), missing=error.status_code == 404)
    return None


def _is_docker_pys_own(error: BaseException) -> bool:
    """Return whether docker-py itself raised it in a call, and not a library, the cell, or a look-up of a name."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not frames or frames[-1].f_code.co_name == "__getattr__":
        return False
    return str(frames[-1].f_globals.get("__name__")).partition(".")[0] == "docker"


def _refused_call(error: Exception) -> CallRefused:
    unknown = _UNKNOWN_ARGUMENT.search(str(error))
    return CallRefused(str(error), _nearest(unknown[1]) if unknown else None)


def _nearest(name: str) -> str | None:
    """Return the argument of docker-py's ``run`` that was meant; None if no name is like it."""
    from docker.models.containers import RUN_CREATE_KWARGS, RUN_HOST_CONFIG_KWARGS

    known = [*RUN_CREATE_KWARGS, *RUN_HOST_CONFIG_KWARGS, "network", "ports", "remove", "volumes"]
    return _OPTIONS.get(name) or next(iter(difflib.get_close_matches(name, known, 1)), None)


def _command_line(command: str | Sequence[str] | None) -> str:
    if isinstance(command, str):
        return command
    return shlex.join(command) if command else "CMD"
