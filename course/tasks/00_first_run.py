"""Exercises of the lesson *Run your first container*."""

from __future__ import annotations

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import existing_container
from drydock.learn.exercises import exercise


@exercise(
    "The line above does nearly that: leave out `--rm`, and add `--name hello` before the image.",
    "The command that prints words is `echo`. It comes after the image.",
)
def hello(context: CheckContext) -> None:
    """Container `hello` has printed a greeting."""
    _printed(existing_container(context, "hello"))


@exercise(
    "The command is `cat /etc/os-release`, and it comes after the image.",
    "The image is `drydock/debian:13`; the name is given with `--name`, before the image.",
)
def release(context: CheckContext) -> None:
    """Container `release` has printed the file `/etc/os-release` of Debian."""
    output = _printed(existing_container(context, "release"))
    if "ID=debian" not in output.split():
        raise Failed(f"Its output begins with {output[:50]!r}.", hint="Which image, and which file?")


@exercise(
    "`-d` comes before the image, as all options do.",
    "The command is `sleep 600`: it does nothing for ten minutes.",
)
def clock(context: CheckContext) -> None:
    """Container `clock` runs `sleep` in the background."""
    _sleeps(context, "clock")


@exercise(
    "Each `docker run` makes one container, so you need two.",
    "They need different names, and the same image.",
)
def twins(context: CheckContext) -> None:
    """Containers `twin-1` and `twin-2` run, from the same image."""
    images = {_sleeps(context, name).attrs["Image"] for name in ("twin-1", "twin-2")}
    if len(images) > 1:
        raise Failed("They were created from two images.", hint="The image comes after the options.")


@exercise(
    "The command that removes a container is above, with another name.",
    "`docker rm` and the name of the container.",
)
def removed(context: CheckContext) -> None:
    """Container `hello` is gone, and container `release` of exercise 2 is still there."""
    existing_container(context, "release")
    container = context.container("hello")
    if container is not None:
        raise Failed(f"`hello` still exists; it is {container.status}.", hint="*Exited* is not *gone*.")


exercises = [hello, release, clock, twins, removed]


def _printed(container: Container) -> str:
    output, code = container.logs().decode(errors="replace").strip(), container.attrs["State"]["ExitCode"]
    if code or not output:
        raise Failed(
            f"`{container.name}` printed {output[:80]!r}, and its exit code is {code}.",
            hint="The command comes after the image. What was it?",
        )
    return output


def _sleeps(context: CheckContext, name: str) -> Container:
    container = existing_container(context, name)
    if container.status != "running":
        raise Failed(f"`{name}` is {container.status}.", hint="Does its program end at once?")
    if "sleep" not in [container.attrs["Path"], *container.attrs["Args"]]:
        raise Failed(f"`{name}` runs `{container.attrs['Path']}`.", hint="The command comes after the image.")
    return container
