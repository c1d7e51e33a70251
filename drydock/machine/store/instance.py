"""A machine's home: the folder with its settings, its disk, and what was noted of its present or last life."""

from __future__ import annotations

import fcntl
import json
import shutil
from pathlib import Path
from typing import Any

from drydock.core.endpoint import Endpoint
from drydock.errors import NoMachine, NotRunning
from drydock.machine.host import child_process
from drydock.machine.store.settings import Settings, folder_of, machines_folder


class Instance:
    """The home of the machine of that name, which need not be there yet."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = folder_of(name)
        #: Its own disk, over the shared base.
        self.disk = self.folder / "work" / "disk.cow"
        #: Held by whoever is about to start it.
        self.starting = machines_folder() / f".{name}.starting"

    def exists(self) -> bool:
        """Whether it is there (its machine may be stopped)."""
        return (self.folder / "settings.json").is_file()

    def settings(self) -> Settings:
        """What the machine was told."""
        return Settings.read(self.folder)

    def is_lived_in(self) -> bool:
        """Whether its machine's supervisor lives: it holds the lock for as long as it does."""
        lock = self.folder / "lock"
        if not lock.exists():
            return False
        with lock.open("r") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def state(self) -> dict[str, Any]:
        """What the supervisor noted of this life; :class:`NoMachine` or :class:`NotRunning` when there is none."""
        if not self.exists():
            raise NoMachine(self.name)
        try:
            state: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        except FileNotFoundError:
            state = {}
        if "endpoint" not in state or not self.is_lived_in():
            raise NotRunning(self.name, self.last_end())
        return state

    @property
    def endpoint(self) -> Endpoint:
        """The daemon's address; :class:`NoMachine` or :class:`NotRunning` when there is none."""
        return Endpoint(f"tcp://127.0.0.1:{self.state()['endpoint']}", self.folder / "tls")

    def last_end(self) -> str:
        """How the last life ended, when nobody asked for that; else empty."""
        file = self.folder / "ended.json"
        if file.is_file():
            ended = json.loads(file.read_text())
            return f"{ended['why']}, {ended['when']}"
        if (self.folder / "state.json").is_file() and not self.is_lived_in():
            return "it ended without a word: its supervisor was killed, or this computer lost its power"
        return ""

    def forget_last_life(self) -> None:
        """A machine that lost its power left its sockets' folder and its state; its disk recovers by itself."""
        state = self.folder / "state.json"
        if state.is_file():
            sockets = json.loads(state.read_text()).get("sockets", "/nonexistent")
            child_process.end_users(Path(sockets))
            shutil.rmtree(sockets, ignore_errors=True)
            state.unlink()
        (self.folder / "ended.json").unlink(missing_ok=True)

    def remove(self) -> None:
        """Throw it away, with the disk and all that was on it."""
        self.forget_last_life()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.starting.unlink(missing_ok=True)
