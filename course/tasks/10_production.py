"""Exercises of the lesson *Prepare a container for production*."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext, NoAnswer
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from drydock.learn.daemon_objects import execute, running_container, runs_image
from drydock.learn.exercises import exercise

_SECOND = 1_000_000_000  # nanoseconds, the unit of a health check's interval
_MEGABYTE = 1024 * 1024


@exercise(
    "The options begin with `--health-`. `ask.py` is in the image: its exit code is 0 when the service answers well.",
    "`--health-cmd` is the command, `--health-interval` how often Docker runs it.",
    watched=False,
)
def checked(context: CheckContext) -> None:
    """Container `checked` is healthy while the service answers well, and unhealthy when it answers with errors."""
    container = running_container(context, "checked")
    check = container.attrs["Config"].get("Healthcheck") or {}
    if not check.get("Test"):
        raise Failed("`checked` has no health check.", hint="Which option gives it one?")
    interval = (check.get("Interval") or 30 * _SECOND) / _SECOND
    if interval > 5:
        raise Failed(f"Docker asks every {interval:.0f} s only.", hint="The interval can be chosen.")
    _wait(lambda: _health(container) == "healthy", "`checked` doesn't get healthy.")
    container.exec_run(["python3", "ask.py", "/break"])
    try:
        _wait(lambda: _health(container) == "unhealthy", "The service was broken, and the health check didn't notice.")
    finally:
        container.exec_run(["python3", "ask.py", "/mend"])


@exercise(
    "One of the restart policies takes a number after a colon.",
    "The policy is `on-failure`; the number is the maximum of restarts.",
    watched=False,
)
def comeback(context: CheckContext) -> None:
    """Container `comeback` comes back after a crash, and Docker gives up after five restarts."""
    container = running_container(context, "comeback")
    policy = container.attrs["HostConfig"]["RestartPolicy"]
    if policy["Name"] not in ("on-failure", "always", "unless-stopped"):
        raise Failed("`comeback` has no restart policy.", hint="The option is `--restart`.")
    if (policy["Name"], policy["MaximumRetryCount"]) != ("on-failure", 5):
        raise Failed(
            f"Its policy is {policy['Name']} with a maximum of {policy['MaximumRetryCount']}.",
            hint="Which policy takes a maximum?",
        )
    if not container.attrs["RestartCount"]:
        container.exec_run(["python3", "ask.py", "/crash"])
    _wait(lambda: _reloaded(container)["RestartCount"] > 0, "The service crashed, and `comeback` didn't come back.")


@exercise(
    "Each part of the task is an option of `docker run`. The cheat sheet has all of them.",
    "With `--read-only`, a place to write is `--tmpfs`. The user `nobody` is in the image.",
)
def locked(context: CheckContext) -> None:
    """Container `locked` runs the service with few rights, a read-only root, and limits."""
    container = running_container(context, "locked")
    settings = container.attrs["HostConfig"]
    options = settings["SecurityOpt"] or []
    faults = {
        "Its root file system can be written.": not settings["ReadonlyRootfs"],
        "It has capabilities.": "ALL" not in (settings["CapDrop"] or []) or bool(settings["CapAdd"]),
        "It can gain new privileges.": not any(option.startswith("no-new-privileges") for option in options),
        "Its memory isn't limited to 64 MB.": settings["Memory"] != 64 * _MEGABYTE,
        "The number of its processes isn't limited to 50.": settings["PidsLimit"] != 50,
        "It runs as root.": execute(container, "id", "-u")[1].strip() == "0",
        "Nothing can be written in `/tmp`.": container.exec_run(["touch", "/tmp/exercise"]).exit_code != 0,
    }
    for fault, is_true in faults.items():
        if is_true:
            raise Failed(fault, hint="Which option is missing?")


@exercise(
    "Mount the file `$SECRETS/word` into the container with `-v`.",
    "`-v FILE:/run/secrets/word:ro`: the last two letters make it read-only.",
)
def teller(context: CheckContext) -> None:
    """Container `teller` can read a secret word at `/run/secrets/word`, and `docker inspect` doesn't show it."""
    container = running_container(context, "teller")
    word = execute(container, "cat", "/run/secrets/word")[1].strip()
    if container.exec_run(["test", "-f", "/run/secrets/word"]).exit_code:
        raise Failed("`teller` has no file `/run/secrets/word`.", hint="How does a file of the host get there?")
    if len(word) < 6:
        raise Failed(f"The word has {len(word)} letters.", hint="At least six, so that nobody guesses it soon.")
    if word in json.dumps(container.attrs["Config"]):
        raise Failed("`docker inspect teller` shows the word.", hint="A variable is shown, a file isn't.")
    if container.exec_run(["sh", "-c", ": >> /run/secrets/word"]).exit_code == 0:
        raise Failed("`teller` can change the file.", hint="A mount can be read-only.")


@exercise(
    "Process 1 ignores SIGTERM unless it has a handler. Who could be process 1 instead of `sleep`?",
    "`docker run` has an option that puts a small init process in front of the command.",
    watched=False,
)
def waiter(context: CheckContext) -> None:
    """Container `waiter` runs `sleep 600` and ends by SIGTERM when it is stopped."""
    container = running_container(context, "waiter")
    processes = [" ".join(row) for row in container.top()["Processes"]]
    if not any("sleep 600" in row for row in processes):
        raise Failed("`sleep 600` doesn't run in `waiter`.", hint="It is the command after the image.")
    container.stop(timeout=3)
    code = _reloaded(container)["State"]["ExitCode"]
    container.start()
    if code == 137:
        raise Failed("After SIGTERM it ran on, and Docker had to kill it (137).", hint="Who is process 1?")


@exercise(
    "The steps are those of the text: build, stop, rename, run. Only the version is another.",
    "`docker rename service service-old` keeps the old container; its name is free then for the new one.",
    patience=10,
)
def upgraded(context: CheckContext) -> None:
    """Container `service` serves version 3 at port 8621, and `service-old` keeps version 1, stopped."""
    container = running_container(context, "service")
    if not runs_image(container, "lesson/service:3"):
        raise Failed(f"`service` runs {container.attrs['Config']['Image']}.", hint="Which image has version 3?")
    try:
        page = context.fetch(8621).text
    except NoAnswer as error:
        raise Failed(f"Port 8621 was asked for the page: {error}.", hint="Is it published?") from None
    if "version 3" not in page:
        raise Failed(f"Port 8621 answers {page[:40]!r}.", hint="The build argument is `VERSION`.")
    old = context.container("service-old")
    if old is None or not runs_image(old, "lesson/service:1"):
        raise Failed("The container of version 1 isn't there as `service-old`.", hint="For a rollback it has to stay.")
    if old.status == "running":
        raise Failed("`service-old` still runs.", hint="`docker stop` ends it; it stays for a rollback.")


exercises = [checked, comeback, locked, teller, waiter, upgraded]


def _reloaded(container: Container) -> dict[str, Any]:
    container.reload()
    return container.attrs


def _health(container: Container) -> str:
    return str(_reloaded(container)["State"]["Health"]["Status"])


def _wait(condition: Callable[[], bool], reason: str) -> None:
    try:
        wait_for(condition, "a container", seconds=25, every=0.25)
    except TimedOut:
        raise Failed(reason, hint="Watch it with `docker ps`.") from None
