"""Sandboxes that go wrong, by a name that a worker in another process can find too."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from docker import DockerClient

from autograder.sandbox.machine_sandbox import MachineSandbox, Sandbox

HERE = __name__


class BootFails:
    """One that can't be entered; each try adds a line to ``file``."""

    def __init__(self, file: str | None = None) -> None:
        self._file = file

    def __enter__(self) -> Self:
        note(self._file, "entered")
        raise OSError("no memory left for a machine")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to leave."""

    @property
    def isolation(self) -> tuple[str, ...]:
        """Never asked for."""
        raise NotImplementedError

    def client(self) -> DockerClient:
        """Never asked for."""
        raise NotImplementedError

    def reach(self, port: int, protocol: str) -> tuple[str, int]:
        """Never asked for."""
        raise NotImplementedError

    def was_killed(self) -> bool:
        """Never asked for."""
        raise NotImplementedError

    def boot_next(self) -> None:
        """Nothing follows."""

    def another(self) -> Sandbox:
        """Never asked for."""
        raise NotImplementedError


class Stuck(BootFails):
    """One that is never entered, and ends no wait."""

    def __enter__(self) -> Self:
        threading.Event().wait()
        return self


class Dripping(BootFails):
    """One whose daemon sends a byte each second, so that each read is in time and no answer ever ends."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._drip, daemon=True).start()
        return self

    def client(self) -> DockerClient:
        """A client of that daemon."""
        return DockerClient(f"tcp://127.0.0.1:{self._listener.getsockname()[1]}", version="1.41", timeout=10)

    def _drip(self) -> None:
        with self._listener.accept()[0] as connection:
            while True:
                connection.sendall(b"H")
                time.sleep(1)


class Killer(BootFails):
    """One whose process is killed outright on entering, ``times`` times; then it can't be entered either."""

    def __init__(self, file: str, times: int) -> None:
        super().__init__(file)
        self._times = times

    def __enter__(self) -> Self:
        if noted(self._file) < self._times:
            note(self._file, str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__enter__()


class Sleeper(BootFails):
    """One that is being entered until its process ends."""

    def __enter__(self) -> Self:
        note(self._file, str(os.getpid()))
        signal.pause()
        return self


class KilledOnce(MachineSandbox):
    """A real machine; the first time one was booted, the process that grades with it is killed outright."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def client(self) -> DockerClient:
        """The machine's client, unless it is the first time."""
        if not noted(self._file):
            note(self._file, str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return super().client()


class Followed(MachineSandbox):
    """A real machine that counts how often the boot of the next one is requested."""

    requested = 0

    def boot_next(self) -> None:
        """Count it."""
        self.requested += 1


class RootGivenAway(MachineSandbox):
    """A real machine in which every process of a submission can be root: a server there runs shell scripts as root."""

    def __enter__(self) -> Self:
        super().__enter__()
        options: dict[str, Any] = {"privileged": True, "pid_mode": "host", "network_mode": "host", "detach": True}
        with closing(self.client()) as client:
            client.containers.run("drydock/python:3.13", ["python3", "-c", _ROOT_SERVER], **options)
        return self


#: Runs what a client sends to port 7000 as a shell script, and sends back what it prints. The script is root of the
#: whole machine; ``$guest`` before a command runs it outside of the container.
_ROOT_SERVER = """
import os, socketserver, subprocess

os.environ["guest"] = "nsenter --target 1 --mount --uts --ipc --net --pid"

class Script(socketserver.StreamRequestHandler):
    def handle(self):
        command = ["sh", "-c", self.rfile.read().decode()]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.wfile.write(result.stdout)

socketserver.ThreadingTCPServer(("127.0.0.1", 7000), Script).serve_forever()
"""


def note(file: str | None, line: str) -> None:
    """Add a line to a file that outlives the process."""
    if file is not None:
        with Path(file).open("a") as handle:
            handle.write(line + "\n")


def noted(file: str | None) -> int:
    """How many lines there are."""
    return len(Path(file).read_text().splitlines()) if file and Path(file).exists() else 0
