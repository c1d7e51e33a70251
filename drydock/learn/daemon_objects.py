"""The containers and images that an exercise names: found, or ``Failed`` with what is missing.

The checks in ``course/tasks/`` begin with these, so that each lesson says the same about the same mistake.
"""

from __future__ import annotations

from docker.errors import APIError, ImageNotFound
from docker.models.containers import Container
from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.core.paths import LABEL

#: How long a container that a check starts may run, in seconds, and how many lines of it are read.
_SECONDS, _LINES = 20, 100
_HINT_ON_NAMES = "Did your command print an error? The option for the name is `--name`."


def existing_container(context: CheckContext, name: str, *, hint: str = _HINT_ON_NAMES) -> Container:
    """Return the container of that name, running or not; raise ``Failed`` if there is none."""
    container = context.container(name)
    if container is None:
        raise Failed(f"There is no container named `{name}`.", hint=hint)
    return container


def running_container(context: CheckContext, name: str) -> Container:
    """Return the container of that name; raise ``Failed`` if there is none, or if it does not run."""
    container = existing_container(context, name)
    if container.status != "running":
        raise Failed(f"`{name}` is {container.status}.", hint=f"`docker logs {name}` may say why.")
    return container


def existing_image(context: CheckContext, tag: str) -> Image:
    """Return the image with that name; raise ``Failed`` if there is none."""
    try:
        return context.docker.images.get(tag)
    except ImageNotFound:
        raise Failed(
            f"There is no image `{tag}`.", hint="Did your build print an error? `docker images` lists the images."
        ) from None


def runs_image(container: Container, tag: str) -> bool:
    """Return whether a container was created from the image with that name: by the name, or by the image's id."""
    if container.attrs["Config"]["Image"] == tag:
        return True
    return tag in container.image.tags if container.image else False


def execute(container: Container, *command: str) -> tuple[int, str]:
    """Run a command in a container; return its exit code and what it printed, as text.

    Raises ``Failed`` if no command can run there.
    """
    try:
        code, output = container.exec_run(list(command))
    except APIError as error:
        reason = f"No command can run in `{container.name}`: {error.explanation}"
        raise Failed(reason, hint="Remove it and run it again.") from None
    assert isinstance(output, bytes)  # it is an iterator only with stream=True
    return code or 0, output.decode(errors="replace")


def printed_by(context: CheckContext, image: Image, *command: str) -> str:
    """Run a new container of an image, by default with the image's own command; return the end of what it printed.

    Raises ``Failed`` if it can't start. The container is removed.
    """
    container = None
    try:
        container = context.docker.containers.create(image, list(command) or None, labels={LABEL: "autograder"})
        container.start()
        container.wait(timeout=_SECONDS)
        return container.logs(tail=_LINES).decode(errors="replace")
    except APIError as error:
        raise Failed(f"The container didn't start: {error.explanation}.", hint="Is the command right?") from None
    finally:
        if container is not None:
            container.remove(force=True)
