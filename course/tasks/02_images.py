"""Exercises of the lesson *Name, make and remove images*."""

from __future__ import annotations

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import existing_image, printed_by
from drydock.learn.exercises import exercise


@exercise(
    "The command is `docker tag`. It takes two names.",
    "The image that exists comes first, the new name second.",
)
def name(context: CheckContext) -> None:
    """The image `drydock/python:3.13` has the second name `lesson/snake:1`."""
    image = existing_image(context, "lesson/snake:1")
    if image.id != context.docker.images.get("drydock/python:3.13").id:
        raise Failed("`lesson/snake:1` is another image.", hint="Which image comes first in `docker tag`?")


@exercise(
    "`docker run` with a name, and a shell command that writes the file. Then `docker commit` with that name.",
    'The command for the container is `sh -c "echo bread > /loaf"`.',
    watched=False,
)
def commit(context: CheckContext) -> None:
    """A container of the image `lesson/loaf:1` has the file `/loaf` with the content `bread`."""
    _has_file(context, "lesson/loaf:1", "/loaf", "bread")


@exercise(
    "`docker commit` needs a container, which may have done nothing at all.",
    "The option is `--change`, with the Dockerfile instruction `CMD` and a list of words.",
    watched=False,
)
def change(context: CheckContext) -> None:
    """The image `lesson/greeting:1` prints `good morning` when it is run without a command."""
    output = printed_by(context, existing_image(context, "lesson/greeting:1"))
    if output.strip() != "good morning":
        raise Failed(f"It printed {output[:60]!r}.", hint="`docker inspect` shows the image's command: `Cmd`.")


@exercise(
    "Give the image the new name first, then remove the old name.",
    "`docker tag` adds a name, `docker rmi` removes one.",
    watched=False,
)
def rename(context: CheckContext) -> None:
    """The image with the answer has the name `lesson/forty-two:1`, and no other."""
    image = existing_image(context, "lesson/forty-two:1")
    if others := [tag for tag in image.tags if tag != "lesson/forty-two:1"]:
        raise Failed(f"The image is also called {', '.join(others)}.", hint="Which command removes a name?")
    _has_file(context, "lesson/forty-two:1", "/answer", "42")


@exercise(
    "`docker ps -a` lists stopped containers. `docker cp` reads a file of a stopped one.",
    "Look at `/treasure` of each of the three. Then `docker commit` the right one by its id or its name.",
    watched=False,
)
def rescue(context: CheckContext) -> None:
    """A container of the image `lesson/rescued:1` has the file `/treasure` with the gold."""
    _has_file(context, "lesson/rescued:1", "/treasure", "gold")


exercises = [name, commit, change, rename, rescue]


def _has_file(context: CheckContext, tag: str, path: str, content: str) -> None:
    code, output = context.run(f"cat {path}", image=str(existing_image(context, tag).id))
    if code != 0:
        raise Failed(f"`cat {path}` in a container of `{tag}` printed {output[:80]!r}.", hint="Was the file written?")
    if output.strip() != content:
        raise Failed(f"`{path}` in `{tag}` contains {output[:60]!r}.", hint=f"It should contain `{content}`.")
