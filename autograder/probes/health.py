"""A container's own health check: what Docker says of it, and whether it notices when all it watches over hangs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.execution.container_errors import needs_running
from autograder.probes.compose import name_of, processes, signal
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

#: How long a health check has to report that something hangs; one that is still waiting has noticed it, too.
_SECONDS = 6


def command(container: Container) -> list[str]:
    """The command of its health check; empty when it has none."""
    kind, *words = (container.attrs["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
    if kind == "CMD-SHELL":
        return [*(container.attrs["Config"].get("Shell") or ["/bin/sh", "-c"]), *words]
    return words if kind == "CMD" else []


def status(container: Container) -> str:
    """What Docker says now: healthy, unhealthy, starting; or nothing."""
    container.reload()
    return str((container.attrs["State"].get("Health") or {}).get("Status", ""))


def last_words(container: Container) -> str:
    """What its health check said last."""
    log = (container.attrs["State"].get("Health") or {}).get("Log") or [{}]
    return str(log[-1].get("Output", "")).strip()[-200:]


def age(context: CheckContext, container: Container) -> timedelta:
    """For how long it has been running, by the daemon's own clock."""
    now, began = context.docker.info()["SystemTime"], container.attrs["State"]["StartedAt"]
    return datetime.fromisoformat(now) - datetime.fromisoformat(began)


def blind(context: CheckContext, containers: Sequence[Container]) -> list[Container]:
    """Those whose health check says that all is well while every process of theirs stands still."""
    stopped = processes(context, containers)
    signal(context, "STOP", stopped)
    try:
        asked = [_exec(context, container) for container in containers]
        with suppress(TimedOut):  # a check that waits for an answer has noticed
            wait_for(
                lambda: not any(_state(context, probe)["Running"] for probe in asked), "an answer", seconds=_SECONDS
            )
        states = [_state(context, probe) for probe in asked]
    finally:
        signal(context, "CONT", stopped)
    return [
        container
        for container, state in zip(containers, states, strict=True)
        if not state["Running"] and state["ExitCode"] == 0
    ]


def _exec(context: CheckContext, container: Container) -> str:
    try:
        with needs_running():
            made = context.docker.api.exec_create(container.id, command(container), stdout=False, stderr=False)
            context.docker.api.exec_start(made["Id"], detach=True)
    except NotFound:
        raise
    except APIError as error:
        raise Failed(
            f"The health check of `{name_of(container)}` can't be started: {str(error.explanation)[:300]}",
            hint="Try the command with `docker exec`. Is it in the image?",
        ) from error
    return str(made["Id"])


def _state(context: CheckContext, asked: str) -> dict[str, Any]:
    state: dict[str, Any] = context.docker.api.exec_inspect(asked)
    return state
