"""A daemon that the table of edges looks at, used through the docker command as a person uses it."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.core.endpoint import Endpoint
from tests.machines import BUSYBOX, MINE

#: The option of the docker command that labels what it creates.
LABEL = tuple(word for name, value in MINE.items() for word in ("--label", f"{name}={value}"))
_SLEEP = ("sleep", "600")
_TIMEOUT = 120


@dataclass(frozen=True)
class Daemon:
    """A daemon's address, a folder of this computer that it can mount, and the docker command's own variables."""

    endpoint: Endpoint
    folder: Path
    cli: dict[str, str]

    def docker(self, *words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """Run a docker command and return what it printed, and its exit code."""
        environment = os.environ | self.cli | self.endpoint.environment()
        return subprocess.run(
            ["docker", *words], env=environment, input=stdin, capture_output=True, timeout=_TIMEOUT, check=False
        )

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run ``docker run --rm`` with our label and these words."""
        return self.docker("run", "--rm", *LABEL, *words)

    def output(self, *words: str) -> str:
        """Return what a docker command prints, without the last line's end; the command must succeed."""
        done = self.docker(*words)
        assert done.returncode == 0, f"docker {' '.join(words)}: {done.stderr.decode()}"
        return done.stdout.decode().strip()

    @contextmanager
    def container(
        self, *words: str, image: str = BUSYBOX, command: tuple[str, ...] = ("sleep", "600")
    ) -> Iterator[str]:
        """Yield the name of a running container with these options; it is removed at the end."""
        name = f"edge-{secrets.token_hex(4)}"
        try:
            self.output("run", "--detach", "--name", name, *LABEL, *words, image, *command)
            yield name
        finally:
            self.docker("rm", "--force", "--volumes", name)
