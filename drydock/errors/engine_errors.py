"""Errors of Docker engines: finding one, losing one, and using its images and containers."""

from __future__ import annotations

from collections.abc import Sequence

from drydock.errors.base import DrydockError


class NoEngine(DrydockError):
    """A search that found no Docker; ``answers`` are the providers' names and reasons, in the order of the search."""

    def __init__(self, answers: Sequence[tuple[str, str]]) -> None:
        width = max(len(name) for name, _ in answers)
        super().__init__(
            "There is no Docker here that Drydock could use.",
            why="\n".join(f"{name:<{width}}  {reason}" for name, reason in answers),
            next="Repair the one you want to use. Then run `drydock doctor`, which looks for all of them again.",
        )
        self.answers = list(answers)


class DaemonCallFailed(DrydockError):
    """A request that docker-py could not make, or that the daemon refused."""

    def __init__(self, why: str) -> None:
        step = "Try again. If it keeps failing, run `drydock doctor`."
        if "redentials store" in why:
            step = (
                "Docker's config.json names a program for passwords (credsStore) that is not on this computer. Remove "
                "that line, or use another folder of settings: DOCKER_CONFIG=$(mktemp -d)"
            )
        super().__init__("A request to the Docker daemon failed.", why=why, next=step)


class DockerConfigDamaged(DrydockError):
    """A ``config.json`` of Docker that docker-py can't use."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(
            f"Docker's settings in {file} can't be used.",
            why=why,
            next="Correct or rename that file, or use another folder of settings: DOCKER_CONFIG=$(mktemp -d)",
        )


class DockerHostUnreachable(DrydockError):
    """A ``DOCKER_HOST`` at which no daemon answers."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"DOCKER_HOST is set to {host}, but no Docker daemon answers there.",
            why=reason,
            next="Start that daemon, or let Drydock look for another: `unset DOCKER_HOST` before you start Jupyter.",
        )


class EngineLost(DrydockError):
    """A notebook's Docker daemon that no longer answers; ``machine`` is the name of its machine, if it ran in one."""

    def __init__(self, reason: str, machine: str | None) -> None:
        effect = "It boots the machine again; its disk is kept" if machine else "It looks for a Docker again"
        super().__init__(
            "The Docker daemon of this notebook no longer answers.",
            why=reason,
            next=("" if machine else "Start that Docker again. Then ")
            + f"{'Run' if machine else 'run'} the notebook's first cell again, `drydock.start()`. {effect}. "
            "Continue from there, cell by cell.",
        )


class UnknownEngine(DrydockError):
    """A value of ``DRYDOCK_ENGINE``, or an argument of ``drydock.start()``, that names no kind of engine."""

    def __init__(self, choice: str, choices: Sequence[str]) -> None:
        super().__init__(
            f"{choice!r} is not a kind of engine.",
            why="DRYDOCK_ENGINE, or the argument of drydock.start(), has this value.",
            next=f"Use one of: {', '.join(choices)}. Without a value, Drydock takes the first engine that answers.",
        )


class ImageMissing(DrydockError):
    """A daemon that lacks one of the course's images."""

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"This Docker daemon has no image {tag}.",
            why="The course has its own images, so that nothing must be pulled from a registry.",
            next="Build them once: drydock images build",
        )


class ContainerFailed(DrydockError):
    """A daemon that answers but can't run the simplest container."""

    def __init__(self, image: str, output: str) -> None:
        super().__init__(
            f"This Docker daemon answers, but it could not run a container of {image}.",
            why=output[:500],
            next=f"Try it by hand: docker run --rm {image} echo hello. `docker info` may show warnings.",
        )


class TerminalClosed(DrydockError):
    """A container's terminal that was closed before the awaited text appeared in it."""

    def __init__(self, awaited: str, output: str) -> None:
        super().__init__(
            f"The terminal was closed before {awaited!r} appeared.",
            why=f"The last text in it:\n{output[-500:]}" if output else "It showed nothing.",
            next="Its program has exited, or the detach keys were pressed. `docker ps -a` shows which.",
        )


class PortNotPublished(DrydockError):
    """A container's port that a browser can't reach; ``published`` lists the ports that it can."""

    def __init__(self, container: str, port: str, published: Sequence[str]) -> None:
        super().__init__(
            f"Port {port} of the container {container} can't be opened in a browser.",
            why="The port is not published, or it is not a TCP port."
            + (f" Published ports: {', '.join(published)}" if published else ""),
            next="Publish it when you create the container: ports={'80/tcp': 8080}, or -p 8080:80. A container that "
            "has exited publishes nothing.",
        )


class NoPlainSocket(DrydockError):
    """An address of a daemon to which a program can't connect without a Docker client."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"Python can't connect to {host[:200]} without a Docker client.",
            why="It can only connect to a Unix socket (unix://) or a TCP port (tcp://). `ssh` and named pipes need a "
            "client.",
            next="Read this cell, and go on with the next one. With the Docker of a Linux computer the cell runs.",
        )
