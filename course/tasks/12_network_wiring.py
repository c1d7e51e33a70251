"""Exercises of the lesson *Follow a packet through Docker's network*."""

from __future__ import annotations

from docker.errors import NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext, NoAnswer
from drydock.learn.daemon_objects import execute, running_container
from drydock.learn.exercises import exercise


@exercise(
    "`docker network create` takes options of the driver with `-o NAME=VALUE`.",
    "The page on the bridge driver lists them; the one for the name begins with `com.docker.network.bridge`.",
)
def lab(context: CheckContext) -> None:
    """The bridge of the network `wires-lab` has the name `lab0`."""
    name = (_network(context, "wires-lab").attrs["Options"] or {}).get("com.docker.network.bridge.name")
    if name != "lab0":
        seen = f"The bridge of `wires-lab` is called `{name}`." if name else "The bridge of `wires-lab` got no name."
        raise Failed(seen, hint="Remove the network, and create it with the option.")


@exercise(
    "Read `iflink` of `eth0` in `wires-web`, and search the host's interfaces for that number.",
    'In Python: `veth("wires-web")` finds the name, and `look("echo … > /tmp/answer")` writes the file.',
)
def answer(context: CheckContext) -> None:
    """The file `/tmp/answer` of `wires-host` has the name of the host's end of the veth pair of `wires-web`."""
    written = _printed(running_container(context, "wires-host"), "cat", "/tmp/answer").strip()
    number = _printed(running_container(context, "wires-web"), "cat", "/sys/class/net/eth0/iflink").strip()
    if not number.isdigit():
        raise Failed("`wires-web` has no interface `eth0`.", hint="Run the lesson again from its beginning.")
    _, found = context.run(f"grep -lx {number} /sys/class/net/*/ifindex", network_mode="host")
    name = found.strip().split("/")[-2] if "/" in found else ""
    if not written or written != name:
        seen = f"The file says {written[:40]!r}." if written else "The file `/tmp/answer` is empty or missing."
        raise Failed(seen, hint="Which interface of the host has the number in `iflink`?")


@exercise(
    "Two options: one for the network namespace, one for the right.",
    "`--network container:NAME` shares a namespace, and `--cap-add` adds a right.",
)
def tool(context: CheckContext) -> None:
    """Container `wires-tool` runs in the network namespace of `wires-web`, with the right to change it."""
    web, container = running_container(context, "wires-web"), running_container(context, "wires-tool")
    config = container.attrs["HostConfig"]
    if config["NetworkMode"] not in (f"container:{web.id}", "container:wires-web"):
        raise Failed(f"The network of `wires-tool` is `{config['NetworkMode']}`.", hint="Whose should it be?")
    if config["Privileged"]:
        raise Failed("`wires-tool` is privileged: it may do everything.", hint="Give it the one right that it needs.")
    rights = [right.removeprefix("CAP_") for right in config["CapAdd"] or ()]
    if "NET_ADMIN" not in rights:
        raise Failed(f"Its additional rights: {', '.join(rights) or 'none'}.", hint="`--cap-add` adds one.")


@exercise(
    "As in the lesson on ports: an address of the host in front of the two ports.",
    "The address that belongs to this computer alone is 127.0.0.1.",
)
def local(context: CheckContext) -> None:
    """Port 80 of container `wires-local` is published at port 9101, for this computer only."""
    ports = running_container(context, "wires-local").attrs["NetworkSettings"]["Ports"] or {}
    bound = [f"{one['HostIp']}:{one['HostPort']}" for one in ports.get("80/tcp") or ()]
    if bound != ["127.0.0.1:9101"]:
        raise Failed(f"Port 80 is published at: {', '.join(bound) or 'nowhere'}.", hint="`-p ADDRESS:HOST:CONTAINER`")
    try:
        context.fetch(9101, "/hostname")
    except NoAnswer as error:
        raise Failed(f"Port 9101 was asked for a page: {error}.", hint="Does its web server listen on 80?") from None


@exercise(
    "`docker network create --help` lists the options; one restricts access from and to the outside.",
    "The option is `--internal`.",
)
def inner(context: CheckContext) -> None:
    """Container `wires-quiet` is in the network `wires-inner` alone, and no packet of it goes out."""
    if not _network(context, "wires-inner").attrs["Internal"]:
        raise Failed("Packets go out of `wires-inner` like out of other networks.", hint="Which option forbids that?")
    container = running_container(context, "wires-quiet")
    networks = sorted(container.attrs["NetworkSettings"]["Networks"])
    if networks != ["wires-inner"]:
        raise Failed(f"`wires-quiet` is in {' and '.join(networks)}.", hint="It should be in `wires-inner` alone.")


exercises = [lab, answer, tool, local, inner]


def _network(context: CheckContext, name: str) -> Network:
    try:
        return context.docker.networks.get(name)
    except NotFound:
        raise Failed(f"There is no network named `{name}`.", hint="`docker network create` makes one.") from None


def _printed(container: Container, *command: str) -> str:
    """Return what a command in the container prints; nothing if it fails."""
    code, output = execute(container, *command)
    return output if code == 0 else ""
