"""Exercises of the lesson *Find out how layers are stored*."""

from __future__ import annotations

import io
import tarfile

from docker.models.containers import Container
from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.core.paths import LABEL
from drydock.learn.daemon_objects import existing_container, existing_image, printed_by, runs_image
from drydock.learn.exercises import exercise

_CHANGED, _DELETED = 0, 2
#: The bits of a mode, as Go's ``os.FileMode`` has them, that say: not a file with content.
_NO_FILE = 0x8F28_0000


@exercise(
    "The Dockerfile begins with `FROM drydock/python:3.13`. Which instructions make a layer?",
    "One `RUN` that writes a file makes one layer.",
)
def shared(context: CheckContext) -> None:
    """The image `lesson/shared:1` has all layers of `drydock/python:3.13` and exactly one more."""
    layers, below = (_layers(existing_image(context, tag)) for tag in ("lesson/shared:1", "drydock/python:3.13"))
    if layers[: len(below)] != below:
        raise Failed("The lowest layers aren't those of `drydock/python:3.13`.", hint="Look at `FROM`.")
    if len(layers) != len(below) + 1:
        count = len(layers) - len(below)
        raise Failed(f"It has {count} layers more than `drydock/python:3.13`.", hint="How many steps write files?")


@exercise(
    "`docker run --name eraser IMAGE COMMAND`: the command deletes a file that the image has.",
    "Docker mounts `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf`; choose another file of `/etc`.",
)
def eraser(context: CheckContext) -> None:
    """The container `eraser` of `drydock/debian:13` has deleted a file of the image."""
    container = _container(context, "eraser")
    if _changes(container, _DELETED) == []:
        raise Failed("`docker diff eraser` has no line with D.", hint="`docker logs eraser` may say why.")


@exercise(
    "Which commands change something about a file, but not its content?",
    "`chmod` with a large file of the image, such as `/usr/bin/perl`.",
    watched=False,
)
def copier(context: CheckContext) -> None:
    """The container `copier` has more than 1 MB in its writable layer, and changed no byte of a file of the image."""
    container = _container(context, "copier")
    [entry] = context.docker.api.containers(all=True, size=True, filters={"id": container.id})
    size = entry.get("SizeRw") or 0
    if size < 1_000_000:
        raise Failed(f"Its writable layer has {size} bytes.", hint="Only a large file makes a large copy.")
    changed = _changes(container, _CHANGED)
    if not changed:
        raise Failed("`docker diff copier` has no changed file of the image.", hint="A new file doesn't count.")
    original = context.docker.containers.create("drydock/debian:13", labels={LABEL: "autograder"})
    try:
        for path in changed:
            if _content(container, path) != _content(original, path):
                raise Failed(f"The content of `{path}` has changed.", hint="Change only its permissions.")
    finally:
        original.remove(force=True)


@exercise(
    "A layer contains only the files that exist when its `RUN` ends.",
    "Write the letter and delete it on the same line.",
    watched=False,
)
def sealed(context: CheckContext) -> None:
    """`lesson/mail:2` prints `hello`, a step wrote the letter, and no layer has it."""
    image = existing_image(context, "lesson/mail:2")
    if not any("/letter" in entry["CreatedBy"] for entry in image.history()):
        raise Failed("No step of the image writes `/letter`.", hint="Keep the step, and delete the letter in it.")
    with tarfile.open(fileobj=io.BytesIO(b"".join(image.save()))) as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        layers = [file.read() for file in files if file is not None]
    for layer in layers:
        if "letter" in _names(layer):
            raise Failed("One layer has the file `letter`.", hint="On which line is it deleted?")
    _prints_hello(context, image)


@exercise(
    "`docker create`, `docker export`, `docker import`, as for `lesson/flat:1`.",
    '`--change \'CMD ["cat", "/hello"]\'` stands before the `-` of `docker import`.',
    watched=False,
)
def flat(context: CheckContext) -> None:
    """The image `lesson/flat:2` has one layer, and prints `hello` when it is run."""
    image = existing_image(context, "lesson/flat:2")
    if len(_layers(image)) != 1:
        raise Failed(f"It has {len(_layers(image))} layers.", hint="Which command gives all files in one archive?")
    _prints_hello(context, image)


exercises = [shared, eraser, copier, sealed, flat]


def _layers(image: Image) -> list[str]:
    layers: list[str] = image.attrs["RootFS"]["Layers"]
    return layers


def _container(context: CheckContext, name: str) -> Container:
    container = existing_container(context, name, hint="The option is `--name`; leave `--rm` out.")
    if not runs_image(container, "drydock/debian:13"):
        raise Failed(f"Its image is {container.attrs['Config']['Image']}.", hint="Use `drydock/debian:13`.")
    return container


def _changes(container: Container, kind: int) -> list[str]:
    changes = [(str(change["Path"]), change["Kind"]) for change in container.diff() or []]
    parents = {path.rpartition("/")[0] for path, _ in changes}
    return [path for path, change_kind in changes if change_kind == kind and path not in parents]


def _content(container: Container, path: str) -> bytes | None:
    """Return the content of a file, or None for a folder, a link or a device."""
    stream, stat = container.get_archive(path)
    if stat["mode"] & _NO_FILE:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        file = archive.extractfile(archive.getmembers()[0])
        return file.read() if file else None


def _names(content: bytes) -> list[str]:
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            return archive.getnames()
    except tarfile.TarError:  # a manifest or a configuration, not a layer
        return []


def _prints_hello(context: CheckContext, image: Image) -> None:
    output = printed_by(context, image)
    if output != "hello\n":
        raise Failed(f"It printed {output[:60]!r}.", hint="What does `docker inspect` say about `Cmd`?")
