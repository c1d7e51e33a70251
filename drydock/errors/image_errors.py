"""Errors while building the course's Docker images."""

from __future__ import annotations

from pathlib import Path

from drydock.errors.base import DrydockError, last_lines


class BadRecipe(DrydockError):
    """An image's recipe with a mistake in it, or the name of an image that does not exist."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"The image {name!r} can't be built.",
            why=why,
            next="See drydock/images/recipes/images.toml: it lists the images, and each has a folder with a "
            "Dockerfile beside it.",
        )


class BadPackage(DrydockError):
    """A downloaded file that is not a complete Debian package."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The downloaded file {path.name} is not a complete Debian package.",
            why="The download was cut short, or a proxy answered in the archive's place.",
            next="Try again.",
        )


class PipMissing(DrydockError):
    """A Python environment with neither uv nor pip, where packages for an image are to be downloaded."""

    def __init__(self, python: str) -> None:
        super().__init__(
            "The Python packages of the course's images can't be downloaded.",
            why=f"They are downloaded by uv or pip, and the environment of {python} has neither.",
            next=f"Add pip to it: {python} -m ensurepip",
        )


class ImageBuildFailed(DrydockError):
    """A failed ``docker build``; ``output`` is the end of what it printed."""

    def __init__(self, tag: str, output: str) -> None:
        super().__init__(
            f"The Docker daemon could not build {tag}.",
            why=last_lines(output) or "It gave no reason.",
        )


class ImagesNeedLinux(DrydockError):
    """A computer on which the course's images can't be made; ``system`` is its operating system."""

    def __init__(self, system: str) -> None:
        super().__init__(
            f"The course's images can't be built on {'macOS' if system == 'Darwin' else system}.",
            why="They are made from Debian packages by Debian's own programs, which run on Linux.",
            next="Get the images from a person with Linux. On that computer:\n"
            "docker save -o images.tar $(docker images --format '{{.Repository}}:{{.Tag}}' 'drydock/*')\n"
            "On yours: docker load -i images.tar\n"
            "On Windows you can also build them in WSL. See docs/windows-macos.md in Drydock's repository.",
        )
