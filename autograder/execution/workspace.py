"""The folder a student worked in, and the images that ``docker build`` makes of it.

It is always Docker's own command that builds, with BuildKit and without a network, so that `.dockerignore` and
Dockerfile mean what they mean to the student. In grading the command runs beside the submission's daemon, in a
container of ours, on the folder as the notebook left it; in a student's notebook it runs on a copy of their folder.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, ImageNotFound
from docker.models.containers import Container
from docker.types import Mount

from autograder.errors import TooLarge, TooManyFiles
from autograder.execution import archives
from autograder.execution.archive_members import members
from autograder.execution.container_waiting import exit_code
from drydock.core.paths import LABEL

#: Where a submission's notebook runs, and beside it the docker command.
IMAGE = "drydock/kernel:1"
#: The machine's own docker command and its plug-ins (buildx, compose).
PROGRAMS = ("/usr/bin/docker", "/usr/libexec/docker/cli-plugins")

#: Runs a command in the folder with some files changed, and returns what it said.
Bench = Callable[[list[str], Mapping[str, bytes]], str]

_FOLDER = "/folder"
_SECONDS, _LOG_LINES = 180, 100
#: The line of a Dockerfile that asks for Docker's own frontend, in any of its versions, and the lines before it: other
#: directives only. Their names may have letters of either case.
_FRONTEND = re.compile(
    rb"((?:\xef\xbb\xbf)?(?:#![^\n]*\n)?(?:#[ \t]*(?:escape|check)[ \t]*=[^\n]*\n)*)#[ \t]*syntax[ \t]*=[ \t]*"
    rb"(?:docker\.io/)?docker/dockerfile(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?[ \t]*\r?(?=\n|$)",
    re.IGNORECASE,
)
_DOCKERFILE_LIMIT = 1 << 20


@dataclass(frozen=True)
class Built:
    """What came of building: the image's id, or none; and the last lines of what the command said."""

    image: str | None
    log: str

    @property
    def complaint(self) -> str:
        """The line of the log that says what went wrong, else the last one."""
        lines = [line.strip() for line in self.log.splitlines() if line.strip()] or ["without a word"]
        return next((line for line in reversed(lines) if re.match("(?i)error", line)), lines[-1])[:300]


class Workspace:
    """A folder to build, as it is or with some files changed; by default none. Its images are removed with it."""

    def __init__(self, client: DockerClient | None = None, bench: Bench = lambda *_: "There is no folder.") -> None:
        self._client = client
        self._bench = bench
        self._name = f"drydock-look-{secrets.token_hex(4)}"
        self._built: dict[tuple[tuple[str, bytes], ...], Built] = {}

    def build(self, changes: Mapping[str, bytes] | None = None) -> Built:
        """The image of the folder with these files in place of its own; built once, however often it is asked for."""
        key = tuple(sorted((changes or {}).items()))
        if key not in self._built:
            tag = f"{self._name}:{len(self._built)}"
            log = self._bench(_command(tag), dict(key))
            self._built[key] = Built(self._id(tag), "\n".join(log.splitlines()[-_LOG_LINES:]))
        return self._built[key]

    def close(self) -> None:
        """Remove the images. What Docker keeps of their steps makes the next build a quick one."""
        for number in range(len(self._built)):
            with suppress(APIError):  # it was never built
                if self._client:
                    self._client.images.remove(f"{self._name}:{number}")
        self._built.clear()

    def _id(self, tag: str) -> str | None:
        try:
            return str(self._client.images.get(tag).id) if self._client else None
        except ImageNotFound:
            return None


def here(client: DockerClient, folder: Path) -> Workspace:
    """A folder of this computer, copied, changed, and built by this computer's docker command."""

    def bench(command: list[str], changes: Mapping[str, bytes]) -> str:
        with tempfile.TemporaryDirectory(prefix="drydock-look-") as place:
            copy = Path(place) / "folder"
            try:
                _copy(folder, copy, changes)
            except OSError as error:  # a file is where a folder should be, or something can't be read
                return f"ERROR: the folder has no place for a file of a check: {error.strerror or error}"
            return _run_here([*command, str(copy)])

    return Workspace(client, bench)


def _copy(folder: Path, copy: Path, changes: Mapping[str, bytes]) -> None:
    shutil.copytree(folder, copy, symlinks=True)
    for path, data in changes.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_bytes(data)


def _run_here(command: list[str]) -> str:
    variables = {**os.environ, "DOCKER_BUILDKIT": "1"}
    try:
        done = subprocess.run(command, env=variables, capture_output=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        return "There is no `docker` command on this computer."
    except subprocess.TimeoutExpired:
        return f"It did not end within {_SECONDS} s."
    return (done.stdout + done.stderr).decode(errors="replace")


def left(client: DockerClient, folder: bytes, image: str = IMAGE) -> Workspace:
    """The folder that a notebook left, as an archive; built beside its daemon, in a container of our ``image``."""

    def bench(command: list[str], changes: Mapping[str, bytes]) -> str:
        if not folder:
            return "There is no folder, or it holds more than anybody needs."
        with _bench(client, image, ["timeout", str(_SECONDS), *command, _FOLDER]) as container:
            try:
                container.put_archive(_FOLDER, folder)
                container.put_archive(_FOLDER, archives.packed({**_without_frontend(folder), **changes}))
            except APIError as error:  # the notebook left a file where a folder should be, or too much
                return f"ERROR: the folder has no place for a file of a check: {error.explanation}"
            container.start()
            exit_code(container, _SECONDS + 20)
            return container.logs(tail=_LOG_LINES).decode(errors="replace")

    return Workspace(client, bench)


def _without_frontend(folder: bytes) -> dict[str, bytes]:
    """Return the Dockerfile of an archived folder without the line that asks for Docker's own frontend.

    Docker's documentation recommends ``# syntax=docker/dockerfile:1``, and a laptop fetches that image. In isolation
    nothing can be fetched, and BuildKit's built-in frontend is of the same kind. Another frontend stays.
    """
    try:
        for member, content in members(io.BytesIO(folder), limit=len(folder), mode="r:"):
            if content and member.name.removeprefix("./") == "Dockerfile" and member.size < _DOCKERFILE_LIMIT:
                text = content.read()
                return {"Dockerfile": _FRONTEND.sub(rb"\1#", text, count=1)} if _FRONTEND.match(text) else {}
    except (tarfile.TarError, TooLarge, TooManyFiles):
        pass  # the build itself will say what is wrong with the folder
    return {}


@contextmanager
def _bench(client: DockerClient, image: str, command: list[str]) -> Iterator[Container]:
    """A container with the docker command and nothing of the student's that could run."""
    container = client.containers.create(
        image,
        command,
        labels={LABEL: "autograder"},
        working_dir=_FOLDER,
        environment={"DOCKER_BUILDKIT": "1"},
        mounts=[
            Mount("/var/run/docker.sock", "/var/run/docker.sock", type="bind"),
            *(Mount(path, path, type="bind", read_only=True) for path in PROGRAMS),
        ],
        network_mode="none",
        mem_limit="256m",
        pids_limit=256,
        init=True,
    )
    try:
        yield container
    finally:
        container.remove(force=True)


def _command(tag: str) -> list[str]:
    """Return the command without the folder, which the caller adds."""
    return ["docker", "build", "--progress=plain", "--network=none", f"--label={LABEL}=autograder", f"--tag={tag}"]
