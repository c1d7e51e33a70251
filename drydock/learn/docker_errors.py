"""What to do about the errors of Docker that beginners meet first: by what the daemon or the docker command prints."""

from __future__ import annotations

import difflib
import os
import re
import socket
import sys
import threading
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from drydock.errors import (
    DaemonSilent,
    DrydockError,
    FolderMissing,
    ImageNotBuilt,
    ImageUnknown,
    MemoryLimitTooSmall,
    MountNotRead,
    NameLost,
    NameTaken,
    PortPublished,
    ProgramMissing,
    VolumeInUse,
)
from drydock.machine.host import port_process

_IMAGE = (
    r"No such image: ([^\s\"')]+)",
    r"Unable to find image '([^']+)' locally",
    r"pull access denied for ([^\s,]+)",
    r"manifest for (\S+) not found",
    r"> \[internal\] load metadata for docker\.io/(?:library/)?(\S+):\s",
    r"failed to resolve (?:reference|source metadata for) \"?([^\s\":]+(?::[^\s\":]+)?)",
)
_NAME = (r"container name \\?\"/?([^\"\\]+)\\?\" is already in use", r"(network) with name (\S+) already exists")
_PORT = (
    r"Bind for \S*:(\d+) failed: port is already allocated",
    r"listen (?:tcp|udp)[46]? \S*:(\d+): bind: address already in use",
    r"failed to bind (?:host )?port (?:for )?\S*:(\d+)[:/]",
)
_FOLDER = (r"bind source path does not exist: ([^\"\n]+)", r"error while creating mount source path '([^']+)'")
_PROGRAM = (r"exec: \\?\"([^\"\\]+)\\?\": (?:executable file not found|stat [^:]+: no such file)",)
_LEAST_MEMORY = (r"Minimum memory limit allowed is (\w+)",)
_MOUNT = (
    r"invalid mode: (\S+)",
    r"invalid mount config for type \\?\"\w+\\?\": invalid mount path: '([^']*)' mount path must be absolute",
    r"invalid spec: (\S+): empty section between colons",
    r"\"([^\"]+)\\?\" includes invalid characters for a local volume name.*use absolute path",
)
_VOLUME_IN_USE = re.compile(r"remove (\S+): volume is in use - \[([0-9a-f, ]+)\]")
_SILENT = (r"Cannot connect to the Docker daemon at (\S+?)\.?\s", r"error during connect: \w+ \"(\S+?://[^/\"]+)")
#: What the daemon says of a registry that it can't reach, and what only a registry can say.
_NO_NETWORK = re.compile(r"no such host|i/o timeout|network is unreachable|connection refused|misbehaving|no route|EOF")
_ANSWERED = re.compile(r"pull access denied|manifest for|manifest unknown|repository does not exist")
#: What the docker command prints when it has got an image that was missing.
_PULLED = "Downloaded newer image"
#: The docker command does not print the name that it can't read.
_BAD_IMAGE = re.compile(r"invalid reference format$", re.MULTILINE)
_REGISTRY = ("registry-1.docker.io", 443)
_SECONDS = 1.5


def explained(message: str) -> DrydockError | None:
    """Return the error to show for what Docker printed or answered; None for a message that speaks for itself."""
    if (name := _first(_NAME, message)) is not None:
        kind = "network" if "network with name" in message else "container"
        return NameTaken(kind, name)
    if (port := _first(_PORT, message)) is not None:
        by_container = "already allocated" in message
        return PortPublished(int(port), by_container, "" if by_container else _program_on(int(port)))
    if (folder := _first(_FOLDER, message)) is not None:
        return FolderMissing(folder)
    if (program := _first(_PROGRAM, message)) is not None:
        return ProgramMissing(program)
    if (least := _first(_LEAST_MEMORY, message)) is not None:
        return MemoryLimitTooSmall(least)
    if (part := _first(_MOUNT, message)) is not None:
        return MountNotRead(part)
    if volume := _VOLUME_IN_USE.search(message):
        return VolumeInUse(volume[1], volume[2].split(", "))
    if (host := _first(_SILENT, message)) is not None:
        return DaemonSilent(host)
    if _PULLED not in message and (image := _first(_IMAGE, message)) is not None:
        tags = course_images()
        return (
            ImageNotBuilt(image)
            if image in tags
            else ImageUnknown(image, tags, nearest(image, tags), _network(message))
        )
    return None


def course_images() -> list[str]:
    """Return the tags of the images that lessons and assignments use; grading runs notebooks in ``kernel``."""
    from drydock.images import recipes

    return [image.tag for image in recipes() if image.name != "kernel"]


def nearest(name: str, tags: Iterable[str]) -> str | None:
    """Return the tag that a name most probably means: ``busybox`` is ``drydock/busybox:1.37``; None without one."""
    forms = {form: tag for tag in reversed(list(tags)) for form in _forms(tag)}
    for form in _forms(name.removesuffix(":latest")):
        if match := difflib.get_close_matches(form, forms, n=1, cutoff=0.75):
            return forms[match[0]]
    return None


def _forms(tag: str) -> list[str]:
    """Return a tag with and without its first part and its version."""
    short = tag.rpartition("/")[2]
    return [tag, short, short.partition(":")[0]]


def _first(patterns: Iterable[str], message: str) -> str | None:
    for pattern in patterns:
        if match := re.search(pattern, message):
            return match[match.re.groups].strip()
    return None


def _program_on(port: int) -> str:
    """Return the program that has a port; empty if that can't be known, or if the daemon is on another computer."""
    address = urlsplit(os.environ.get("DOCKER_HOST", ""))
    if address.hostname not in (None, "127.0.0.1", "localhost"):
        return ""
    return port_process.program_on(port) or port_process.program_on(port, "udp")


def _network(message: str) -> bool:
    """Return whether Docker Hub can be reached, by the daemon's own message or else by asking from here."""
    if _NO_NETWORK.search(message):
        return False
    return bool(_ANSWERED.search(message)) or _reaches_registry()


def _reaches_registry() -> bool:
    """Try a connection; a computer without a network may take long to find out, so wait for a moment only."""
    connected = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection(_REGISTRY, timeout=_SECONDS).close()
            connected.set()
        except OSError:
            return

    threading.Thread(target=connect, daemon=True).start()
    return connected.wait(_SECONDS)


def _lost(names: Sequence[str], output: str) -> NameLost | None:
    """Return the error for the name that Docker's output has, or that stands where an image's name must be."""
    refused = names if _BAD_IMAGE.search(output) else [name for name in names if name in output]
    return NameLost(re.split(r"\W", refused[0].strip("{}"))[0]) if refused else None


def main(lost_names: Sequence[str] = ()) -> None:
    """Print the explanation of the error output that comes on standard input, if there is one.

    ``lost_names`` are words of the command in braces, such as ``{web.name}``, which may be Python names that nothing
    has defined, or part of a program for the container.
    """
    output = sys.stdin.buffer.read().decode(errors="replace")
    error = _lost(lost_names, output) or explained(output)
    if error is not None:
        print(f"\n{error}")


if __name__ == "__main__":
    main(sys.argv[1:])
