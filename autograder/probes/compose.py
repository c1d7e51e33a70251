"""A stack of several containers, found by their roles, with whatever tool they were started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import TimedOut

_PROJECT, _SERVICE = "com.docker.compose.project", "com.docker.compose.service"
_HINT = "A container may have that name, or a service in a Compose file. Search for `docker ps --all`."

#: The containers by their role.
Cast = Mapping[str, list[Container]]

#: Prints each process of some containers: container, process, user. Two programs read all processes, since one program
#: for each of 2,000 would take too long.
_PROCESSES = r"""
(
    grep -HoE '{ids}' /proc/[0-9]*/cgroup
    grep -H '^Uid:' /proc/[0-9]*/status
) 2> /dev/null | awk -F '[/:[:space:]]+' '
    $4 == "cgroup" {{ container[$3] = $5 }}
    $5 == "Uid" && $3 in container {{ print container[$3], $3, $7 }}
'
"""


@dataclass(frozen=True)
class Process:
    """A process of a container: its number as the daemon's computer counts, and the user it acts for."""

    container: str
    pid: int
    uid: int


@dataclass(frozen=True)
class Stack:
    """The containers of a stack by their roles; ``others`` have none, but share a network with one that has."""

    parts: Cast
    others: list[Container]

    @property
    def all(self) -> list[Container]:
        """The containers with a role, in the order of the roles."""
        return [container for containers in self.parts.values() for container in containers]


def find(context: CheckContext, parts: Sequence[str]) -> Stack:
    """Return the stack with the most of these roles, the newest of several; raise :class:`Failed` if a role is missing.

    The container of that name has a role, or the containers that compose started for the service of that name. On a
    student's own daemon there may be other projects with such services.
    """
    everybody = [
        container
        for container in context.docker.containers.list(all=True, ignore_removed=True)
        if not _is_ours(container)
    ]
    projects = {container.labels.get(_PROJECT, "") for container in everybody} | {""}
    by_project = {project: _cast(everybody, parts, project) for project in sorted(projects)}
    alone = by_project[""]
    project = max(by_project, key=lambda project: _rank(by_project[project], alone))
    cast = {name: those or alone[name] for name, those in by_project[project].items()}
    for name, containers in cast.items():
        if not containers:
            names = ", ".join(sorted({name_of(container) for container in everybody}))[:200]
            existing = f"There is: {names}." if names else "There is no container at all."
            raise Failed(f"No container or service is named `{name}`. {existing}", hint=_HINT)
    playing = [container for containers in cast.values() for container in containers]
    networks = {network for container in playing for network in _networks(container)} - {"bridge"}
    return Stack(
        cast, [container for container in everybody if container not in playing and networks & _networks(container)]
    )


def name_of(container: Container) -> str:
    """Return the name that the student gave: that of the service in the Compose file, else the container's own.

    A container's name begins with the project, which in grading is another one.
    """
    return str(container.labels.get(_SERVICE) or container.name)


def _is_ours(container: Container) -> bool:
    return container.labels.get(LABEL) == "autograder"


def _cast(everybody: Sequence[Container], parts: Sequence[str], project: str) -> Cast:
    """Return the containers of a project by their roles; without a project, the ones that belong to none."""
    these = [container for container in everybody if container.labels.get(_PROJECT, "") == project]
    return {
        name: [container for container in these if name in (container.name, container.labels.get(_SERVICE))]
        for name in parts
    }


def _rank(cast: Cast, alone: Cast) -> tuple[int, int, str]:
    """Return how many roles it has with containers of no project, how many without them, and how new it is."""
    with_help = sum(bool(those or alone[name]) for name, those in cast.items())
    return with_help, sum(map(bool, cast.values())), _newest(cast)


def _newest(cast: Cast) -> str:
    return max((container.attrs["Created"] for containers in cast.values() for container in containers), default="")


def _networks(container: Container) -> set[str]:
    return set(container.attrs["NetworkSettings"].get("Networks") or {})


def addresses(container: Container) -> list[str]:
    """Its addresses, in whatever networks it is."""
    networks = container.attrs["NetworkSettings"].get("Networks") or {}
    return sorted(endpoint["IPAddress"] for endpoint in networks.values() if endpoint.get("IPAddress"))


def processes(context: CheckContext, containers: Iterable[Container]) -> list[Process]:
    """What runs in these containers, seen from outside: everything, or :class:`Failed`."""
    ids = "|".join(str(container.id) for container in containers)
    code, output = context.run(_PROCESSES.format(ids=ids), pid_mode="host")
    if code != 0:  # what is missing in an incomplete list could be what is looked for
        raise Failed(
            "The processes of the containers could not all be listed.",
            hint="Does something in a container start processes again and again? `docker top` lists them.",
        )
    rows = [line.split() for line in output.splitlines()]
    return [Process(row[0], int(row[1]), int(row[2])) for row in rows if len(row) == 3]


def started_at(container: Container) -> str | None:
    """Since when it has been running; None when it isn't."""
    container.reload()
    return str(container.attrs["State"]["StartedAt"]) if container.status == "running" else None


def crash(context: CheckContext, container: Container) -> None:
    """Kill its first process, and with it all others, as a crash would.

    After `docker kill`, Docker does not restart the container. That the process is the
    container's own is asked of its cgroup, in the same breath.
    """
    container.reload()
    pid = container.attrs["State"]["Pid"]
    context.run(f"grep -q {container.id} /proc/{pid}/cgroup && kill -KILL {pid}", pid_mode="host")


def signal(context: CheckContext, name: str, these: Iterable[Process]) -> None:
    """Send a signal to processes."""
    pids = " ".join(str(process.pid) for process in these)
    context.run(f"kill -{name} {pids}", pid_mode="host")


def comes_back(container: Container, before: str | None) -> bool:
    """Whether it is started anew within some seconds."""
    with suppress(TimedOut):
        return bool(wait_for(lambda: started_at(container) not in (None, before), "a new start", seconds=30, every=0.2))
    return False


def start_again(container: Container) -> None:
    """Start a container that a check has ended, so that the next check finds it running, if that is possible."""
    with suppress(APIError):
        container.start()


def renew(context: CheckContext, stack: Stack) -> None:
    """Remove containers and make them anew from their own settings, as `docker compose down` and `up` do.

    They end in reverse order of the parts and start in order. Networks and volumes stay, but nothing leads to a volume
    without a name any more.
    """
    for container in stack.all:
        container.reload()
    kept = [(name_of(container), container.attrs) for container in stack.all]
    for container in reversed(stack.all):
        container.stop(timeout=10)
        with suppress(APIError):  # it removed itself when it ended
            container.remove(force=True)
    for name, attrs in kept:
        try:
            _make(context, attrs)
        except APIError as error:
            explanation = str(error.explanation)[:300]
            raise Failed(
                f"`{name}` was removed and could not be made anew: {explanation}",
                hint="It was created from its own settings, as `docker inspect` shows them. What do they depend on?",
            ) from error


def _make(context: CheckContext, attrs: Mapping[str, Any]) -> None:
    networks = {
        name: _endpoint(attrs["Id"], endpoint) for name, endpoint in attrs["NetworkSettings"]["Networks"].items()
    }
    named = {name: endpoint for name, endpoint in networks.items() if name not in ("bridge", "host", "none")}
    first = dict(list(named.items())[:1])
    config = {**attrs["Config"], "HostConfig": attrs["HostConfig"], "NetworkingConfig": {"EndpointsConfig": first}}
    if attrs["Id"].startswith(config.get("Hostname") or "-"):
        del config["Hostname"]
    create: Any = context.docker.api.create_container_from_config  # has no types
    made = create(config, name=attrs["Name"].lstrip("/"))
    for name, endpoint in list(named.items())[1:]:
        context.docker.api.connect_container_to_network(
            made["Id"],
            name,
            aliases=endpoint["Aliases"],
            ipv4_address=(endpoint["IPAMConfig"] or {}).get("IPv4Address"),
        )
    context.docker.api.start(made["Id"])


def _endpoint(container: str, endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """How it was a member of a network, without what was given to it there."""
    aliases = [alias for alias in endpoint.get("Aliases") or () if not container.startswith(alias)]
    return {"Aliases": aliases, "IPAMConfig": endpoint.get("IPAMConfig"), "Links": endpoint.get("Links")}
