"""What each container may use and do: memory, processes, log, files, users."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from docker.models.containers import Container

from autograder.checks.api import Failed, check
from autograder.checks.context import CheckContext
from autograder.probes.compose import Stack, find, name_of, processes

from .process_limits import process_limits
from .running_checks import PARTS, running

_MEMORY, _PROCESSES, _LOG = 256 << 20, 200, 5 << 20
_SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@check(points=0.5, needs=[running])
def limits(context: CheckContext) -> None:
    """Each container may use at most 256 MB of memory."""
    stack = find(context, PARTS)
    enforced = process_limits(context, stack.all)

    def fault(container: Container) -> str:
        limit = enforced[str(container.id)].memory
        memory = limit if limit is not None else container.attrs["HostConfig"].get("Memory") or 0
        amount = f"{memory >> 20} MB" if memory > 0 else "any amount"
        return "" if 0 < memory <= _MEMORY else f"`{name_of(container)}` may use {amount} of memory."

    _require(stack, fault, "`docker stats` shows how much it needs. Search for `mem_limit`.")


@check(points=0.25, needs=[running])
def pids(context: CheckContext) -> None:
    """Each container may have at most 200 processes."""
    stack = find(context, PARTS)
    enforced = process_limits(context, stack.all)

    def fault(container: Container) -> str:
        limit = enforced[str(container.id)].processes
        number = limit if limit is not None else container.attrs["HostConfig"].get("PidsLimit") or 0
        amount = f"{number}" if number > 0 else "any number of"
        return "" if 0 < number <= _PROCESSES else f"`{name_of(container)}` may have {amount} processes."

    _require(stack, fault, "`docker stats` shows how many it has. Search for `pids_limit`.")


@check(points=0.25, needs=[running])
def logs(context: CheckContext) -> None:
    """The log of each container stays below 5 MB, and `docker logs` can read it."""

    def fault(container: Container) -> str:
        size = _log_limit(container.attrs["HostConfig"].get("LogConfig") or {})
        limit = f"{size >> 20} MB" if size else "any size, or is kept where `docker logs` can't read it"
        return "" if 0 < size <= _LOG else f"The log of `{name_of(container)}` can grow to {limit}."

    hint = "The logging driver has options for the size of a file and the number of files. Search for `max-size`."
    _require(find(context, PARTS), fault, hint)


@check(points=0.5, needs=[running])
def confined(context: CheckContext) -> None:
    """The root file system of each container is read-only, and no container is privileged."""
    stack = find(context, PARTS)
    enforced = process_limits(context, stack.all)

    def fault(container: Container) -> str:
        settings, process = container.attrs["HostConfig"], enforced[str(container.id)]
        if settings.get("Privileged"):
            return f"`{name_of(container)}` is privileged."
        if process.administrator:
            return f"`{name_of(container)}` has the capability SYS_ADMIN, as a privileged container has."
        read_only = settings.get("ReadonlyRootfs") and not process.writable
        return "" if read_only else f"The root file system of `{name_of(container)}` is writable."

    hint = "What must be written has a place in a volume or a `tmpfs`. Search for `read_only`."
    _require(stack, fault, hint)


@check(points=0.5, needs=[running])
def users(context: CheckContext) -> None:
    """No process of a container runs as root."""
    stack = find(context, PARTS)
    running_processes = processes(context, stack.all)

    def fault(container: Container) -> str:
        uids = {process.uid for process in running_processes if process.container == container.id}
        return f"A process of `{name_of(container)}` runs as root." if not uids or 0 in uids else ""

    _require(stack, fault, "Some images name another user. Where the image doesn't, you can: search for `user`.")


def _require(stack: Stack, fault: Callable[[Container], str], hint: str) -> None:
    """Raise :class:`Failed` with what is wrong with each container: ``fault`` says nothing of a right one."""
    faults = dict.fromkeys(filter(None, map(fault, stack.all)))
    if faults:
        raise Failed(" ".join(faults), hint=hint)


def _log_limit(config: dict[str, Any]) -> int:
    """Return the bytes that a log can grow to; 0 for no limit, or where `docker logs` can't read it."""
    options = config.get("Config") or {}
    files = {"json-file": ("0", "1"), "local": ("20m", "5")}.get(config.get("Type", ""))
    if files is None:
        return 0
    size = re.fullmatch(r"(\d{1,12}) ?([kmg]?)b?", str(options.get("max-size", files[0])).lower())
    number = str(options.get("max-file", files[1]))
    return int(size[1]) * _SIZES[size[2]] * int(number) if size and number.isdecimal() else 0
