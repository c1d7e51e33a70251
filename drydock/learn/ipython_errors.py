"""A cell that finds its Docker gone: the notebook says so and what to do, instead of where a library noticed it.

docker-py is left as it is. IPython shows us the errors of the kinds that a silent daemon causes. Where one came out of
docker-py and the daemon is silent indeed, ours takes its place; any other is shown as ever.
"""

from __future__ import annotations

import builtins
import os
import traceback
from types import TracebackType
from typing import Any

import docker
import urllib3

from drydock.core import environment, ping
from drydock.engine.providers import docker_host
from drydock.errors import EngineLost
from drydock.magics import NotAsExpected

#: What docker-py and what it stands on raise when nobody answers (requests' errors are OSErrors), and what ``%%expect``
#: makes of it.
_KINDS = (OSError, docker.errors.DockerException, urllib3.exceptions.HTTPError, NotAsExpected)


def watch() -> None:
    """Look at what fails in the notebook that runs this from now on; outside of IPython do nothing."""
    get_ipython = getattr(builtins, "get_ipython", None)
    shell = None if get_ipython is None else get_ipython()
    if shell is not None and not shell.custom_exceptions:  # somebody's own handler stays
        shell.set_custom_exc(_KINDS, _show)


def trouble() -> EngineLost | None:
    """What has become of the daemon that Drydock gave to this process; None while it answers, or when it gave none."""
    host = os.environ.get("DOCKER_HOST", "")
    if not environment.is_ours(host):
        return None
    endpoint = docker_host.from_environment(host)
    try:
        ping.version(endpoint)
    except ping.Silent as silent:
        name = environment.machine_of(endpoint)
        return EngineLost((name and _ended(name)) or str(silent), name)
    return None


def _ended(name: str) -> str:
    """How the machine came to its end; empty if it runs."""
    from drydock.machine import Machine

    machine = Machine(name)
    if not machine.exists():
        return f"the machine {name!r} was removed"
    if machine.is_running():
        return ""
    return f"the machine {name!r} does not run: {machine.status().why or 'it was stopped'}"


def _show(
    shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, tb_offset: int | None = None
) -> None:
    """What IPython calls in place of showing an error's traceback."""
    lost = trouble() if _is_dockers(error) else None
    if lost is None:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    else:
        shell.showtraceback((type(lost), lost, trace))


def _is_dockers(error: BaseException | None) -> bool:
    """Whether it, or what it was made of, was raised below docker-py."""
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if str(frame.f_globals.get("__name__")).split(".")[0] == "docker":
                return True
        error = error.__cause__
    return False
