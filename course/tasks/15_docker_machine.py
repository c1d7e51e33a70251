"""Exercises of the lesson *Use a Docker on another computer*."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import running_container
from drydock.learn.exercises import exercise

_NOTE = (Path(__file__).parents[1] / "files" / "15_docker_machine" / "note.txt").read_text().strip()


@exercise(
    "`docker context create NAME --docker host=ADDRESS` makes a context.",
    "The address begins with `ssh://`; the user stands before the `@`.",
)
def office(context: CheckContext) -> None:
    """Context `lesson-office` leads to `office.example`, as the user `student`, with ssh."""
    host = _address("lesson-office")
    if not host.startswith("ssh://"):
        raise Failed(f"The address of `lesson-office` is {host}.", hint="The client should use ssh.")
    if host.removeprefix("ssh://") != "student@office.example":
        raise Failed(f"The address of `lesson-office` is {host}.", hint="Which user logs in on which server?")


@exercise(
    "Without `--docker`, a new context gets the address that the client uses now.",
    "`docker --context lesson-same run …`: the option stands before the command.",
)
def same(context: CheckContext) -> None:
    """Context `lesson-same` leads to this notebook's daemon, where container `through` runs."""
    host, base = _address("lesson-same"), context.docker.api.base_url
    port = host.rpartition(":")[2]
    if not (host.startswith("unix://") if base.startswith("http+docker") else base.rstrip("/").endswith(f":{port}")):
        raise Failed(f"`lesson-same` leads to {host}; this notebook's daemon is at {base}.", hint="`docker context ls`")
    running_container(context, "through")


@exercise(
    "`docker cp` copies folders, too.",
    "`docker cp FOLDER traveller:/luggage`: if there is no `/luggage` yet, it becomes the copy.",
)
def carry(context: CheckContext) -> None:
    """Container `traveller` has the lesson's files in `/luggage`, and nothing mounted."""
    container = running_container(context, "traveller")
    if container.attrs["Mounts"]:
        raise Failed("Something is mounted in `traveller`.", hint="On another computer there is no such folder.")
    result: Any = container.exec_run(["cat", "/luggage/note.txt"])
    if result.output.decode(errors="replace").strip() != _NOTE:
        raise Failed("`/luggage/note.txt` isn't the lesson's file.", hint="Look with `docker exec traveller ls`.")


@exercise(
    "`docker run -i` passes what comes over a pipe to the command in the container.",
    "`tar -c -C FOLDER note.txt` writes an archive, `tar -x -C /data` reads one.",
)
def volume(context: CheckContext) -> None:
    """Volume `lesson-carried` contains the lesson's `note.txt`."""
    names = [volume.name for volume in context.docker.volumes.list()]
    if "lesson-carried" not in names:
        raise Failed("There is no volume `lesson-carried`.", hint="`docker volume create` makes one.")
    _, text = context.run("cat /data/note.txt", volumes=["lesson-carried:/data:ro"])
    if text.strip() != _NOTE:
        raise Failed(f"`cat note.txt` in the volume prints {text.strip()[:60]!r}.", hint="Where did `tar` write it?")


@exercise(
    "The host name belongs to the `uts` namespace.",
    "`docker run` has `--pid host` for processes, and an option of the same form for the host name.",
)
def reporter(context: CheckContext) -> None:
    """The log of container `reporter` is the name of the daemon's computer."""
    container = context.container("reporter")
    if container is None:
        raise Failed("There is no container named `reporter`.", hint="With `--rm` it would be gone.")
    log = container.logs().decode(errors="replace").strip()
    if log != context.docker.info()["Name"]:
        raise Failed(f"The log of `reporter` is {log[:60]!r}.", hint="`docker info` shows the computer's name.")


exercises = [office, same, carry, volume, reporter]


def _address(name: str) -> str:
    """Return the address that a context leads to."""
    command = ["docker", "context", "inspect", name]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if result.returncode:
        raise Failed(f"There is no context `{name}`.", hint="`docker context ls` lists them.")
    return str(json.loads(result.stdout)[0]["Endpoints"]["docker"]["Host"])
