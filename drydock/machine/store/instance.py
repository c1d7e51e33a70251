"""A machine's instance folder: its settings, its disk, and what its supervisor recorded about the last run."""

from __future__ import annotations

import fcntl
import json
import shutil
from pathlib import Path
from typing import Any

from drydock.core.endpoint import Endpoint
from drydock.errors import NoMachine, NotRunning
from drydock.machine.host import child_process
from drydock.machine.store.settings import Settings, instance_folder, machines_folder

#: The name of the Docker daemon's Unix socket in a running machine's folder of sockets. The path has at most 107 bytes,
#: because that folder's path is short.
DOCKER_SOCKET = "docker.sock"


class Instance:
    """The instance folder of the machine of that name, which need not exist."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = instance_folder(name)
        #: The machine's own disk: its differences from the base disk.
        self.disk = self.folder / "work" / "disk.cow"
        #: A file that is locked while a process starts the machine.
        self.start_lock = machines_folder() / f".{name}.starting"

    def exists(self) -> bool:
        """Return whether the machine exists; it may be stopped."""
        return (self.folder / "settings.json").is_file()

    def settings(self) -> Settings:
        """Return the machine's stored settings."""
        return Settings.read(self.folder)

    def is_running(self) -> bool:
        """Return whether the machine's supervisor runs: it holds the lock until it ends."""
        try:
            with (self.folder / "lock").open("r") as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:  # it was never started, or is temporary and has just ended
            return False
        return False

    def state(self) -> dict[str, Any]:
        """Return what the supervisor recorded about this run.

        Raises :class:`NoMachine` or :class:`NotRunning` when the machine does not exist or does not run.
        """
        if not self.exists():
            raise NoMachine(self.name)
        state = self._recorded("state.json")
        if "endpoint" not in state or not self.is_running():
            raise NotRunning(self.name, self.exit_reason())
        return state

    @property
    def endpoint(self) -> Endpoint:
        """The Docker daemon's address; raises :class:`NoMachine` or :class:`NotRunning` when there is none."""
        return Endpoint(f"tcp://127.0.0.1:{self.state()['endpoint']}", self.folder / "tls")

    @property
    def socket_endpoint(self) -> Endpoint:
        """The daemon's Unix socket, which only this user may use; raises like :attr:`endpoint`."""
        return Endpoint(f"unix://{self.state()['sockets']}/{DOCKER_SOCKET}")

    def exit_reason(self) -> str:
        """Return why the last run ended without a request to stop; empty after a normal stop."""
        if ended := self._recorded("ended.json"):
            return f"{ended['why']} at {ended['when']}."
        if (self.folder / "state.json").is_file() and not self.is_running():
            return "It was interrupted: its supervisor was killed, or the computer lost power."
        return ""

    def clear_last_run(self) -> None:
        """Remove what an interrupted run left: processes, sockets and state. The disk's journal recovers at boot."""
        if sockets := self._recorded("state.json").get("sockets"):
            child_process.kill_processes_using(Path(sockets))
            shutil.rmtree(sockets, ignore_errors=True)
        for name in ("state.json", "ended.json"):
            (self.folder / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the instance folder with the machine's disk."""
        self.clear_last_run()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.start_lock.unlink(missing_ok=True)

    def _recorded(self, name: str) -> dict[str, Any]:
        """Return what the supervisor has written to a file; nothing if there is none, or a power failure damaged it."""
        try:
            recorded: dict[str, Any] = json.loads((self.folder / name).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return recorded
