"""Errors that the Docker daemon reports and beginners meet first, with what to do about each."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from drydock.errors.base import DrydockError


class ImageUnknown(DrydockError):
    """The name of an image that the daemon lacks; ``course_images`` are the tags that the course has.

    ``nearest`` is the tag that was probably meant, and ``network`` whether Docker Hub can be reached.
    """

    def __init__(self, name: str, course_images: Sequence[str], nearest: str | None, network: bool) -> None:
        super().__init__(
            f"This Docker has no image {name[:120]}." + (f" The nearest name is {nearest}." if nearest else ""),
            why="Docker Hub can be reached, but it gave no image of that name."
            if network
            else "It isn't here, and Docker Hub can't be reached: there is no network.",
            next=f"Use an image that `docker images` lists. The course has drydock/… {_short(course_images)}",
        )


class ImageNotBuilt(DrydockError):
    """An image of the course that the daemon lacks."""

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"This Docker does not have the course's image {tag}.",
            why="The images of the course are not on Docker Hub. They are built once on each computer.",
            next="Build them, which takes some minutes: run `drydock images build` in a terminal.",
        )


class NameTaken(DrydockError):
    """A name that another container or network has; ``kind`` says which of the two."""

    def __init__(self, kind: str, name: str) -> None:
        command, listing = ("docker rm -f", "docker ps -a") if kind == "container" else ("docker network rm", "")
        listing = listing or "docker network ls"
        super().__init__(
            f"There is a {kind} called {name} already.",
            why=f"A name belongs to one {kind} until that is removed. A container that has exited keeps its name."
            if kind == "container"
            else f"A name belongs to one {kind} until that is removed.",
            next=f"Remove the old one: {command} {name}. Or choose another name. `{listing}` lists all.",
        )


class PortPublished(DrydockError):
    """A port of the daemon's computer that is in use; ``by_container`` says whether a container publishes it.

    ``program`` has the port, if that is known.
    """

    def __init__(self, port: int, by_container: bool, program: str = "") -> None:
        super().__init__(
            f"Port {port} is taken.",
            why="Another container publishes it."
            if by_container
            else f"{program or 'Another program'} on the daemon's computer listens on it.",
            next=("`docker ps` shows which container. Stop it" if by_container else "Stop that program")
            + f", or publish another port, such as {_another(port)}. A container that could not start stays as "
            "Created: remove it with docker rm.",
        )


class ProgramMissing(DrydockError):
    """A command for a container whose first word, ``program``, is no program of the image."""

    def __init__(self, program: str) -> None:
        is_option = program.startswith("-")
        super().__init__(
            f"Docker took the option {program[:80]} for the program to run in the container."
            if is_option
            else f"The container has no program {program[:80]}, so it did not start.",
            why="The words after the image's name are the command for the container.",
            next=("Write all options of docker before the image's name." if is_option else "Check the spelling.")
            + " The container stays as Created: remove it with docker rm before you try again.",
        )


class MemoryLimitTooSmall(DrydockError):
    """A memory limit with which no container can start; ``least`` is the daemon's smallest one, such as ``6MB``."""

    def __init__(self, least: str) -> None:
        super().__init__(
            f"The memory limit is smaller than {least}.",
            why="A number without a letter counts bytes.",
            next="Write the unit behind the number: m for megabytes, as in 64m, or g for gigabytes.",
        )


class FolderMissing(DrydockError):
    """A folder for a bind mount that the daemon's computer does not have."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"The Docker daemon has no folder {folder[:200]} to mount.",
            why="A bind mount takes a folder of the computer on which the daemon runs. A Drydock machine has only the "
            "folders that are shared with it.",
            next="Check the spelling, and use a folder below the one that JupyterLab was opened on. "
            "To share another: drydock machine start --share DIR",
        )


class FolderNotShared(DrydockError):
    """A folder for a bind mount in a machine, which has only the folders ``shares`` of this computer.

    ``real`` is the folder's path without links, if that path is shared.
    """

    def __init__(self, folder: str, shares: Sequence[str], real: str | None = None) -> None:
        shared = ", ".join(shares)[:300] or "no folder"
        super().__init__(
            f"{folder[:200]} is not shared with the Drydock machine, so a container would get an empty folder.",
            why=f"A bind mount takes a folder of the machine. It shares with this computer: {shared}.",
            next=f"Write the path without links: {real}"
            if real
            else "Use a folder below a shared one. Or share this one, and run the command again: "
            f"drydock machine start --share {shlex.quote(folder)}",
        )


class MountNotRead(DrydockError):
    """A mount that Docker can't read; ``part`` is the part of it that is wrong."""

    def __init__(self, part: str) -> None:
        super().__init__(
            f"Docker can't read the mount: '{part[:120]}' is wrong.",
            why="A mount is SOURCE:PATH or SOURCE:PATH:ro, without spaces. SOURCE is the name of a volume, or the full "
            "path of a folder. PATH is a path in the container, and begins with /.",
            next='Correct it, and run it again. Examples: -v notes:/data, -v notes:/data:ro, -v "$PWD/src":/src',
        )


class VolumeInUse(DrydockError):
    """A volume to remove that containers use; ``containers`` are their ids."""

    def __init__(self, volume: str, containers: Sequence[str]) -> None:
        ids = " ".join(id[:12] for id in containers[:5])
        super().__init__(
            f"The volume {volume[:80]} is in use, so Docker does not remove it.",
            why="A container uses a volume until the container is removed. A container that has exited uses it, too.",
            next=f"`docker ps -a --filter volume={volume[:80]}` lists these containers. If nobody needs them, remove "
            f"them first: docker rm -f {ids}",
        )


class RequestRefused(DrydockError):
    """A request of docker-py that the daemon refused with ``answer``; ``missing``: it has no object of that name."""

    def __init__(self, answer: str, missing: bool) -> None:
        super().__init__(
            f"The Docker daemon reports: {_shortened(answer)}",
            why="It has nothing of that name or id." if missing else "It can't do what the cell asks for.",
            next="Check the spelling. `docker ps -a`, `docker images`, `docker volume ls` and `docker network ls` list "
            "what there is."
            if missing
            else "Correct what the daemon names, and run the cell again. The traceback has the line that failed.",
        )


class ContainerCommandFailed(DrydockError):
    """A command that failed in a container of docker-py's ``run``; ``output`` is what it printed as errors."""

    def __init__(self, command: str, code: int, output: str) -> None:
        super().__init__(
            f"The command `{_shortened(command)}` failed in the container, with exit code {code}.",
            why=f"It printed: {_shortened(output)}" if output.strip() else "It printed no error.",
            next="Correct the command, or what the container has for it: its image, mounts, user and variables.",
        )


class DaemonSilent(DrydockError):
    """A Docker daemon that does not answer the docker command."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "The Docker daemon does not answer.",
            why=f"The docker command looked for it at {host}.",
            next="Run the first cell of the lesson again: it finds the daemon, or starts it. In a terminal, "
            "`drydock doctor` prints what is wrong.",
        )


def _shortened(words: str) -> str:
    """Return the words in one line of at most 200 characters, with their end, where an error names its reason."""
    line = " ".join(words.split())
    return line if len(line) <= 200 else f"… {line[-198:]}"


def _short(tags: Sequence[str]) -> str:
    return ", ".join(tag.removeprefix("drydock/") for tag in tags)


def _another(port: int) -> int:
    """Return a port to use instead: the next one, or a common one below the ports for administrators."""
    return port + 1 if 1024 <= port < 65535 else 8080
