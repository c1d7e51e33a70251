"""Exercises of the lesson *Publish a container's ports*."""

from __future__ import annotations

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import Answer, CheckContext, NoAnswer
from drydock.learn.daemon_objects import running_container
from drydock.learn.exercises import exercise

_PAGE = "hello from a container"


@exercise(
    "`docker run` needs four things here: run in the background, a name, a published port, the image.",
    "The option is `-p HOST:CONTAINER`. The server listens on port 80 of the container.",
)
def publish(context: CheckContext) -> None:
    """Container `first` serves the page of `lesson/web:1` at port 8510 of the host."""
    _serves(context, "first", 8510)


@exercise(
    "Which port does the web server listen on, and at which port should its page appear?",
    "A container's ports are fixed when it is created: remove `swapped`, and run it again with the numbers exchanged.",
)
def order(context: CheckContext) -> None:
    """Container `swapped` serves its page at port 8511 of the host."""
    _serves(context, "swapped", 8511)


@exercise(
    "Leave the host's port out of `-p`, or use `None` in docker-py.",
    "`docker port lucky` prints which port it is; in docker-py it is in `container.ports`.",
)
def choose(context: CheckContext) -> None:
    """Container `lucky` publishes port 80 at a host port that Docker chose."""
    container = running_container(context, "lucky")
    host_port = _bindings(container).get("80/tcp", ("", 0))[1]
    if not host_port:
        raise Failed("Port 80 of `lucky` is not published.", hint="Which option publishes a port?")
    asked = (container.attrs["HostConfig"]["PortBindings"] or {}).get("80/tcp") or [{}]
    if asked[0].get("HostPort") not in ("", "0", None):
        raise Failed(f"The command asked for host port {asked[0]['HostPort']}.", hint="Name only the container's port.")
    _fetch(context, host_port)


@exercise(
    "`-p` can begin with an address of the host: `-p ADDRESS:HOST:CONTAINER`.",
    "The address that belongs to this computer alone is 127.0.0.1.",
)
def loopback(context: CheckContext) -> None:
    """Container `diary` serves its page at port 8512, for this computer only."""
    container = running_container(context, "diary")
    address, host_port = _bindings(container).get("80/tcp", ("", 0))
    if host_port != 8512:
        raise Failed(
            f"Port 80 of `diary` is published at {address}:{host_port}." if host_port else "Port 80 is not published.",
            hint="The host's port is 8512.",
        )
    if address != "127.0.0.1":
        raise Failed(
            f"It is published at {address}: everybody who can reach the host can open it.",
            hint="Which address is this computer's alone?",
        )
    _fetch(context, 8512)


@exercise(
    "The port is part of the container's configuration, and that is fixed when the container is created.",
    "Remove the container with `docker rm -f web`, then run it again with the other host port.",
)
def moved(context: CheckContext) -> None:
    """Container `web` serves its page at port 8513, and port 8500 is free again."""
    _serves(context, "web", 8513)
    for container in context.docker.containers.list(ignore_removed=True):
        if any(host_port == 8500 for _, host_port in _bindings(container).values()):
            raise Failed(f"`{container.name}` still has port 8500.", hint="How is a container removed?")


exercises = [publish, order, choose, loopback, moved]


def _serves(context: CheckContext, name: str, host_port: int) -> None:
    container = running_container(context, name)
    bindings = _bindings(container)
    if host_port not in [port for _, port in bindings.values()]:
        listed = ", ".join(f"{inner} at {port}" for inner, (_, port) in bindings.items()) or "none"
        raise Failed(
            f"`{name}` does not publish host port {host_port}. Published: {listed}.",
            hint="`docker port` shows the mappings. The first number of `-p` is the host's.",
        )
    _fetch(context, host_port)


def _bindings(container: Container) -> dict[str, tuple[str, int]]:
    """Return each published port of the container, as ``80/tcp``, with its first host address and port."""
    ports = container.attrs["NetworkSettings"]["Ports"] or {}
    return {name: (bound[0]["HostIp"], int(bound[0]["HostPort"])) for name, bound in ports.items() if bound}


def _fetch(context: CheckContext, host_port: int) -> Answer:
    try:
        answer = context.fetch(host_port)
    except NoAnswer as error:
        raise Failed(
            f"Port {host_port} was asked for the page: {error}.",
            hint="On which port does the server listen in the container?",
        ) from None
    if _PAGE not in answer.text:
        raise Failed(f"Port {host_port} answered {answer.text[:60]!r}.", hint="Is another program on that port?")
    return answer
