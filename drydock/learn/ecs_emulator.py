"""The emulator of Amazon's ECS that a lesson starts, and ``%%if_ecs``: a magic for a cell that needs it.

``ministack`` runs in a process of its own (:mod:`drydock.learn.ecs_server`), which ends with this kernel.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from tempfile import TemporaryFile
from threading import Timer
from typing import TYPE_CHECKING, Any

from drydock.core.endpoint import Endpoint
from drydock.errors import CommandFailed
from drydock.learn import cell_magics

if TYPE_CHECKING:
    from drydock.learn.lesson import Lesson

_PACKAGES = ("boto3", "hypercorn", "ministack")
_START_SECONDS, _END_SECONDS = 60, 20
#: The emulators of this kernel, by the lesson that started them: a lesson has one.
_running: dict[str, EcsEmulator] = {}


def load() -> None:
    """Load ``%%if_ecs`` into the running notebook; outside of IPython, do nothing."""
    cell_magics.register("if_ecs", obstacle, "Not run, since ECS can't be emulated here")


@cache
def obstacle() -> str:
    """Return the reason why ECS can't be emulated in this kernel, or an empty string."""
    missing = [package for package in _PACKAGES if find_spec(package) is None]
    return f"the kernel lacks the Python packages {', '.join(missing)}" if missing else ""


def start_emulator(lesson: Lesson) -> EcsEmulator:
    """Start the emulator of a lesson, in place of one that runs already; it ends with this kernel at the latest."""
    if lesson.name in _running:
        _running.pop(lesson.name).close()
    emulator = _running[lesson.name] = EcsEmulator(lesson.name, lesson.engine.endpoint)
    return emulator


class EcsEmulator:
    """A running emulator of ECS; its tasks are containers of a daemon, with the lesson's label.

    Raises :class:`~drydock.errors.CommandFailed` if it doesn't start.
    """

    def __init__(self, lesson: str, endpoint: Endpoint) -> None:
        argv = [sys.executable, "-m", "drydock.learn.ecs_server", lesson]
        with TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            # A session of its own: an interrupted cell (SIGINT to the kernel's process group) doesn't end it.
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **endpoint.environment()},
                start_new_session=True,
                encoding="utf-8",
            )
            atexit.register(self.close)
            port, _, self._key = self._first_line().partition(" ")
            if not self._key:
                self.close()
                errors.seek(0)
                raise CommandFailed(argv[1:], self._process.returncode, errors.read())
        #: Where the emulator answers.
        self.address = f"http://127.0.0.1:{port}"

    @property
    def access(self) -> dict[str, Any]:
        """The parameters of ``boto3.client("ecs", **access)``: address, a region, and keys that are valid only here."""
        from botocore.config import Config  # a package that the kernel may lack

        return {
            "endpoint_url": self.address,
            "region_name": "eu-central-1",
            "aws_access_key_id": self._key,
            "aws_secret_access_key": "not-checked",
            "config": Config(proxies={}),  # a proxy in the environment is for the Internet
        }

    def close(self) -> None:
        """End the emulator, which removes its containers; do nothing when it has ended."""
        atexit.unregister(self.close)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _first_line(self) -> str:
        """Return the line that the process prints when it is ready; an empty one if it ended, or took too long."""
        assert self._process.stdout is not None
        deadline = Timer(_START_SECONDS, self._process.kill)
        deadline.start()
        try:
            return self._process.stdout.readline().strip()
        finally:
            deadline.cancel()
