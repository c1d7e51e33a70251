"""Exercises of the lesson *Connect containers with networks*."""

from __future__ import annotations

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import execute, running_container
from drydock.learn.exercises import exercise

#: Tunnels that a kernel with these protocols adds to each network namespace; they are down.
_FALLBACK_TUNNELS = {"sit0", "tunl0", "ip6tnl0"}


@exercise(
    "First the network, then two containers with `--network`.",
    "In the default network nobody knows names; both containers have to be in `studio`.",
    patience=5,
)
def studio(context: CheckContext) -> None:
    """Containers `painter` and `guest` are in the network `studio`, and `guest` finds `painter` by its name."""
    _in(context, "painter", {"studio"})
    _in(context, "guest", {"studio"})
    _reaches(context, "guest", "painter")


@exercise(
    "`docker run` puts a container into one network. How does it get into a second one?",
    "`docker network connect NETWORK CONTAINER` adds a network to a container that runs.",
    patience=5,
)
def between(context: CheckContext) -> None:
    """`browser` reaches `shop`, `shop` reaches `database`, and `browser` doesn't reach `database`."""
    _in(context, "browser", {"front"})
    database = _in(context, "database", {"back"})
    _in(context, "shop", {"front", "back"})
    _reaches(context, "browser", "shop")
    _reaches(context, "shop", "database")
    address = database.attrs["NetworkSettings"]["Networks"]["back"]["IPAddress"]
    if _page(running_container(context, "browser"), address) is not None:
        raise Failed(f"`browser` reaches `database` at {address}.", hint="Which networks do they have in common?")


@exercise(
    "The container runs already, so `docker run` is not the command.",
    "`docker network connect` has an option `--alias`.",
)
def tourist(context: CheckContext) -> None:
    """Container `visitor` is in the network `harbour`, where its name is `tourist`, too."""
    visitor = running_container(context, "visitor")
    network = visitor.attrs["NetworkSettings"]["Networks"].get("harbour")
    if network is None:
        raise Failed("`visitor` is not in the network `harbour`.", hint="Which command connects a running container?")
    code, answer = context.run(
        f"ping -c 1 -W 3 tourist; nslookup tourist | grep -q '{network['IPAddress']}'", network="harbour"
    )
    if code:
        raise Failed(f"In `harbour` nobody finds `tourist`: {_last_line(answer)}", hint="A further name is an alias.")


@exercise(
    "There is a kind of network with the interface `lo` alone.",
    "The option is `--network`, with a word in place of a network's name.",
)
def sealed(context: CheckContext) -> None:
    """Container `sealed` runs, and has no network interface but `lo`."""
    interfaces = _interfaces(running_container(context, "sealed"))
    if interfaces != ["lo"]:
        raise Failed(f"`sealed` has the interfaces {', '.join(interfaces)}.", hint="Which network has only `lo`?")


@exercise(
    "The value of `--network` begins with `container:`.",
    "Remove `lodger` first if it exists: the network of a container is chosen when it is created.",
)
def lodger(context: CheckContext) -> None:
    """Container `lodger` runs, and shares the network of `office`."""
    office = running_container(context, "office")
    mode = running_container(context, "lodger").attrs["HostConfig"]["NetworkMode"]
    if mode not in (f"container:{office.id}", "container:office"):
        raise Failed(f"The network of `lodger` is `{mode}`.", hint="It should be the one of the container `office`.")


exercises = [studio, between, tourist, sealed, lodger]


def _in(context: CheckContext, name: str, networks: set[str]) -> Container:
    """Return the running container; raise ``Failed`` unless it is in exactly these networks."""
    container = running_container(context, name)
    joined = set(container.attrs["NetworkSettings"]["Networks"])
    if joined != networks:
        raise Failed(
            f"`{name}` is in {_list(joined)}, and should be in {_list(networks)}.",
            hint="`docker network connect` and `disconnect` change that.",
        )
    return container


def _list(networks: set[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(networks)) or "no network"


def _reaches(context: CheckContext, name: str, server: str) -> None:
    page = _page(running_container(context, name), server)
    if page is None:
        raise Failed(f"`{name}` gets no page from http://{server}/hostname.", hint=f"Does `{server}` run a web server?")


def _page(container: Container, host: str) -> str | None:
    """Return what the container gets from a web server; None if it gets no answer."""
    code, output = execute(container, "wget", "-q", "-T", "2", "-O", "-", f"http://{host}/hostname")
    return output if code == 0 else None


def _interfaces(container: Container) -> list[str]:
    """Return the names of a container's network interfaces, without those that a kernel adds to each namespace."""
    return [name for name in execute(container, "ls", "/sys/class/net")[1].split() if name not in _FALLBACK_TUNNELS]


def _last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no answer"])[-1]
