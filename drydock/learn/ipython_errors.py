"""The errors of docker-py in a cell: what to do about them first, and the traceback folded below.

docker-py itself is not changed. IPython passes us the errors of the kinds that docker-py and an unreachable daemon
cause. If one was raised in docker-py, and the daemon really does not answer or it reports why it refused a request, our
error is shown in its place; others are shown as usual.
"""

from __future__ import annotations

import os
import re
import traceback
from subprocess import CalledProcessError
from types import TracebackType
from typing import Any

from drydock.core import environment, ping
from drydock.core.ipython import running_shell
from drydock.engine.providers import docker_host
from drydock.errors import (
    DockerLineBroken,
    DockerLineInPython,
    DrydockError,
    EngineLost,
    NameLost,
    RunInterrupted,
    ShellCellFailed,
)
from drydock.learn import client_errors, kernel_start, traceback_view

#: A docker command at the start of a line.
_DOCKER_LINE = re.compile(r"\s*(docker\s+[a-z-].*)", re.DOTALL)
#: One that the shell gets.
_SHELL_LINE = re.compile(r"\s*!\s*docker\s")


def install() -> None:
    """Handle the errors of the running notebook from now on; outside of IPython, do nothing."""
    shell = running_shell()
    if shell is None or shell.custom_exceptions not in ((), kernel_start.KINDS):  # a handler of the user's own stays
        return
    import docker
    import urllib3

    from drydock.magics import NotAsExpected

    # What docker-py and its libraries raise if no daemon answers (requests' errors are OSErrors), and what %%expect
    # raises instead; what it raises for arguments that it can't use. A docker command without `!` is a SyntaxError. If
    # the first cell fails, its names are missing.
    failures = (OSError, docker.errors.DockerException, urllib3.exceptions.HTTPError)
    arguments = (TypeError, ValueError, AttributeError)
    others = (*arguments, NotAsExpected, CalledProcessError, SyntaxError, NameError, KeyboardInterrupt)
    shell.set_custom_exc((*failures, *others), _show)


def engine_lost() -> EngineLost | None:
    """Return an error if the daemon that Drydock selected for this process no longer answers.

    Return None while it answers, and if a person selected the daemon.
    """
    host = os.environ.get("DOCKER_HOST", "")
    if not environment.set_by_drydock(host):
        return None
    endpoint = docker_host.endpoint_from_environment(host)
    try:
        ping.version(endpoint)
    except ping.Unreachable as error:
        machine = environment.machine_name(endpoint)
        return EngineLost((machine and _end_of(machine)) or str(error), machine)
    return None


def _end_of(name: str) -> str:
    """Return how a machine ended; empty if it is running."""
    from drydock.machine import Machine

    machine = Machine(name)
    if not machine.exists():
        return f"the machine {name!r} was removed"
    if machine.is_running():
        return ""
    return f"the machine {name!r} is not running: {machine.status().why or 'it was stopped'}"


def _show(
    shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, tb_offset: int | None = None
) -> None:
    """Show an error; IPython calls this instead of its own function."""
    message = _explained(error)
    if message is None:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    else:
        traceback_view.show(shell, message, (kind, error, trace), tb_offset)


def _explained(error: BaseException) -> DrydockError | None:
    """Return the error to show in place of ``error``; None to show that one as usual."""
    if isinstance(error, SyntaxError):
        return _unreadable(error)
    if isinstance(error, NameError):
        return NameLost(error.name) if error.name in kernel_start.KNOWN else None
    if isinstance(error, CalledProcessError):
        return ShellCellFailed(error.returncode) if _is_raised_in(error, "IPython.core.magics.script") else None
    if isinstance(error, KeyboardInterrupt):
        return RunInterrupted() if _is_raised_in(error, "docker.models.containers") else None
    return engine_lost() or client_errors.of_error(error) if _is_from_docker_py(error) else None


def _unreadable(error: SyntaxError) -> DrydockError | None:
    """Return the error to show for a docker command that Python can't read; None for other lines."""
    line = error.text or ""
    if command := _DOCKER_LINE.match(line):
        return DockerLineInPython(command[1].strip())
    shell = running_shell()
    cell = shell.history_manager.input_hist_raw[-1].splitlines() if shell else []
    before = (error.lineno or 0) - 2  # lines count from 1
    is_rest = 0 <= before < len(cell) - 1 and cell[before + 1].strip() == line.strip()
    return DockerLineBroken(line.strip()) if is_rest and _SHELL_LINE.match(cell[before]) else None


def _is_from_docker_py(error: BaseException | None) -> bool:
    """Return whether an error, or one of its causes, was raised in docker-py or in a library that it called."""
    while error is not None:
        if _is_raised_in(error, "docker"):
            return True
        error = error.__cause__
    return False


def _is_raised_in(error: BaseException, module: str) -> bool:
    """Return whether an error passed through a module or, if that is a package, through one of its modules."""
    names = (str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(name == module or name.startswith(f"{module}.") for name in names)
