"""A machine: a Docker daemon as a process, and a context manager."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import docker

from drydock.endpoint import Endpoint
from drydock.errors import BadSetting, BootFailed, DrydockError, NoMachine, NotRunning
from drydock.machine import build, cache, door, preflight, process, seed, walls
from drydock.machine.kernel import Kernel
from drydock.machine.settings import Settings, folder_of, machines_folder
from drydock.machine.slirp import Protocol
from drydock.progress import step
from drydock.waiting import wait_for

#: Folders of the machine's own that a share must not cover.
_OWN = {"/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root"}
_OWN |= {"/run", "/sbin", "/sys", "/tmp", "/usr", "/var"}
_STOP_SECONDS = 40
_START_SECONDS = 120


@dataclass(frozen=True)
class Status:
    """What is known of a machine at one moment; ``ports`` and numbers only while it runs."""

    name: str
    running: bool
    endpoint: str | None
    memory_mb: int
    disk_gb: int
    cpu: int | None
    shares: tuple[str, ...]
    ports: list[dict[str, Any]]
    why: str


class Machine:
    """A machine by its name, or a temporary one without a name.

    ``with Machine() as m:`` boots it and takes it down whatever happens, also when this process is killed;
    a temporary one leaves nothing. ``start()`` without ``with`` leaves it running until ``stop()``.
    Sizes: ``memory_mb`` in MB, ``disk_gb`` in GB. ``shares`` appear in the machine under the same path. ``publish``
    makes published ports appear on this computer by themselves (a temporary machine's don't: :meth:`reach` them).
    ``kernel`` names where its kernel comes from (the best there is in the cache).
    Not ``trusted``: the slower way of running processes, which hostile ones can't get out of as easily.
    ``confined``: a temporary one behind a wall (:mod:`~drydock.machine.walls`), without any network or folder.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        memory_mb: int | None = None,
        disk_gb: int | None = None,
        cpu: int | None = None,
        shares: Sequence[Path | str] = (),
        publish: bool | None = None,
        trusted: bool = True,
        confined: bool = False,
        kernel: str | None = None,
    ) -> None:
        self._temporary = name is None
        self.name = name if name is not None else f"tmp-{secrets.token_hex(4)}"
        self.folder = folder_of(self.name)
        publish = not self._temporary if publish is None else publish
        wishes = {"memory_mb": memory_mb, "disk_gb": disk_gb, "cpu": cpu, "publish": publish}
        wishes |= {"trusted": trusted, "confined": confined}
        self._wishes: dict[str, Any] = {key: value for key, value in wishes.items() if value is not None}
        if shares:
            self._wishes["shares"] = tuple(_share(folder) for folder in shares)
        self._source = kernel
        self._parts: build.Parts | None = None
        self._raw_disk: Path | None = None
        self._owner: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        _check(self._wishes)

    @classmethod
    def scratch(cls, disk: Path, kernel: Kernel) -> Self:
        """The machine that a base disk is made with: temporary, and it writes to ``disk`` itself."""
        machine = cls(memory_mb=1024)
        machine._raw_disk = disk
        machine._parts = build.Parts(kernel, disk.parent)
        return machine

    @classmethod
    def all(cls) -> list[Self]:
        """Every machine that has a home, by name."""
        return [cls(file.parent.name) for file in sorted(machines_folder().glob("*/settings.json"))]

    @classmethod
    def running(cls) -> list[Self]:
        """Those of them that run and have a name of their own."""
        return [machine for machine in cls.all() if machine.is_running() and not machine._kept().temporary]

    def __enter__(self) -> Self:
        self.start(owned=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def exists(self) -> bool:
        """Whether it has a home (it may be stopped)."""
        return (self.folder / "settings.json").is_file()

    def is_running(self) -> bool:
        """Whether its supervisor lives: it holds the machine's lock for as long as it does."""
        lock = self.folder / "lock"
        if not lock.exists():
            return False
        with lock.open("r") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def start(self, *, owned: bool = False, quiet: bool = False) -> bool:
        """Boot it, building what is missing first; False when it was running already.

        ``owned`` ties its life to this process; ``quiet`` tells nobody. Raises a :class:`DrydockError` that says
        what stands in the way.
        """
        preflight.check_platform()
        if self._parts is None and not self.is_running():
            self._parts = build.build(self._source)
        with cache.locked(machines_folder() / f".{self.name}.starting"):
            if self.is_running():
                return False
            self._reap()
            is_new = not self.exists()
            try:
                self._make_home()
                with nullcontext() if quiet else step(f"Booting the machine {self.name}"):
                    self._launch(owned)
            except BaseException:
                if is_new:  # nobody's data is in it yet
                    self._forget_last_life()
                    shutil.rmtree(self.folder, ignore_errors=True)
                self._forget_if_temporary()
                raise
        return True

    def stop(self) -> bool:
        """Halt it and wait until all of it is gone; False when it wasn't running."""
        was_running = self.is_running()
        if was_running:
            self._end()
        self._reap()
        self._forget_if_temporary()
        return was_running

    def remove(self) -> None:
        """Stop it and throw away its disk and all that was on it."""
        if not self.exists():
            raise NoMachine(self.name)
        self.stop()
        self._forget_last_life()
        shutil.rmtree(self.folder)
        (machines_folder() / f".{self.name}.starting").unlink(missing_ok=True)

    @property
    def endpoint(self) -> Endpoint:
        """Its daemon's address; :class:`~drydock.errors.NotRunning` when there is none."""
        return Endpoint(f"tcp://127.0.0.1:{self._state()['endpoint']}", self.folder / "tls")

    def client(self, timeout: float = 60) -> docker.DockerClient:
        """A docker-py client of its daemon; the caller closes it."""
        return self.endpoint.client(timeout)

    def reach(self, port: int, protocol: Protocol = "tcp") -> tuple[str, int]:
        """Where on this computer a port published in the machine can be reached."""
        return "127.0.0.1", int(self.ask("reach", port=port, protocol=protocol))

    def share(self, folder: Path | str) -> None:
        """Make a folder of this computer appear in the running machine under the same path, now and at later starts."""
        path = _share(folder)
        kept = self._kept()
        if any(path == share or path.startswith(share + "/") for share in kept.shares):
            return
        self.ask("share", folder=path)
        kept.changed(shares=(*kept.shares, path)).write(self.folder)

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Ask its supervisor; see :mod:`drydock.machine.supervisor` for the verbs."""
        state = self._state()
        try:
            return door.ask(Path(state["sockets"]) / "door", verb, **arguments)
        except OSError as error:
            raise NotRunning(self.name, f"its supervisor does not answer ({error})") from None

    def status(self) -> Status:
        """What is known of it now."""
        if not self.exists():
            raise NoMachine(self.name)
        kept, running = self._kept(), self.is_running()
        state: dict[str, Any] = {}
        ports: list[dict[str, Any]] = []
        if running:
            try:
                state, ports = self._state(), self.ask("ports")
            except NotRunning:  # it is still booting, or ended while we looked
                state, running = {}, self.is_running()
        return Status(
            name=self.name,
            running=running,
            endpoint=f"tcp://127.0.0.1:{state['endpoint']}" if "endpoint" in state else None,
            memory_mb=kept.memory_mb,
            disk_gb=kept.disk_gb,
            cpu=state.get("cpu"),
            shares=kept.shares,
            ports=ports,
            why="" if running else self._last_end(),
        )

    def ssh_port(self) -> int:
        """The port on 127.0.0.1 that leads to its sshd."""
        return int(self._state()["ssh"])

    def supervisor_pid(self) -> int:
        """The process that owns the machine's kernel and network."""
        return int(self._state()["pid"])

    def upgrade(self, *, fresh_disk: bool = False) -> str:
        """Stop it and move it to the newest kernel, with ``fresh_disk`` to the newest base too; tells what changed.

        A disk was begun on one base and can't change it, so a new base means a new disk.
        """
        if not self.exists():
            raise NoMachine(self.name)
        parts, kept = build.build(), self._kept()
        self.stop()
        own = self.folder / "work" / "disk.cow"
        if fresh_disk:
            own.unlink(missing_ok=True)
        kernel, base = str(parts.kernel.program.parent), str(parts.base)
        kept.changed(kernel=kernel, base=kept.base if own.exists() else base).write(self.folder)
        if own.exists() and kept.base != base:
            return f"{self.name} has the newest kernel. A newer base disk is there too: --fresh-disk takes it."
        return f"{self.name} is up to date: {parts.kernel.program.parent.name}, {parts.base.name}."

    def _kept(self) -> Settings:
        return Settings.read(self.folder)

    def _state(self) -> dict[str, Any]:
        if not self.exists():
            raise NoMachine(self.name)
        try:
            state: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        except FileNotFoundError:
            state = {}
        if "endpoint" not in state or not self.is_running():
            raise NotRunning(self.name, self._last_end())
        return state

    def _last_end(self) -> str:
        file = self.folder / "ended.json"
        if file.is_file():
            ended = json.loads(file.read_text())
            return f"{ended['why']}, {ended['when']}"
        if (self.folder / "state.json").is_file() and not self.is_running():
            return "it ended without a word: its supervisor was killed, or this computer lost its power"
        return ""

    def _make_home(self) -> None:
        """Write the settings: those kept from before, changed by what was asked for now."""
        assert self._parts is not None
        preflight.check_start(machines_folder())
        if self._wishes.get("confined"):
            walls.check()
        self._forget_last_life()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        kept = self._kept() if self.exists() else Settings(self.name, temporary=self._temporary)
        if self._raw_disk is not None:
            base = str(self._raw_disk)
        else:
            base = kept.base if kept.base and (self.folder / "work" / "disk.cow").exists() else str(self._parts.base)
            cache.verify(Path(base))
        cache.verify(self._parts.kernel.program.parent)
        kernel = str(self._parts.kernel.program.parent)
        settings = kept.changed(**self._wishes, base=base, kernel=kernel, raw=self._raw_disk is not None)
        settings.write(self.folder)

    def _forget_last_life(self) -> None:
        """A machine that lost its power left its sockets' folder and its state; its disk recovers by itself."""
        state = self.folder / "state.json"
        if state.is_file():
            sockets = json.loads(state.read_text()).get("sockets", "/nonexistent")
            process.end_users(Path(sockets))
            shutil.rmtree(sockets, ignore_errors=True)
            state.unlink()
        (self.folder / "ended.json").unlink(missing_ok=True)

    def _launch(self, owned: bool) -> None:
        """Start the supervisor and wait for its report."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        wait_for(lambda: _try_lock(lock), f"the lock of the machine {self.name}", seconds=5)
        report_read, report_write = os.pipe()
        owner_read, owner_write = os.pipe() if owned else (None, None)
        passed = [lock, report_write, *([owner_read] if owner_read is not None else [])]
        argv = [sys.executable, "-m", "drydock.machine.supervisor", str(self.folder), "--report", str(report_write)]
        argv += ["--owner", str(owner_read)] if owner_read is not None else []
        try:
            with (self.folder / "supervisor.log").open("wb") as log:
                # It inherits the lock, and so holds it for exactly as long as it lives.
                self._process = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=passed, start_new_session=True
                )
        finally:
            for number in passed:
                os.close(number)
        self._owner = owner_write
        try:
            _await_report(report_read, self.folder / "supervisor.log")
        except BaseException:
            self._end()
            self._reap()
            raise

    def _end(self) -> None:
        """Tell the supervisor to end, by whatever still works, and wait until it has."""
        try:
            os.kill(json.loads((self.folder / "state.json").read_text())["pid"], 15)
        except (OSError, ValueError, KeyError):
            if self._process is not None:
                self._process.terminate()
        wait_for(self._gone, f"the machine {self.name} to stop", seconds=_STOP_SECONDS)

    def _gone(self) -> bool:
        if self._process is not None:
            self._process.poll()
        return not self.is_running()

    def _reap(self) -> None:
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None
        if self._process is not None:
            self._process.wait(timeout=_STOP_SECONDS)
            self._process = None

    def _forget_if_temporary(self) -> None:
        if self._temporary:
            self._forget_last_life()
            shutil.rmtree(self.folder, ignore_errors=True)
            (machines_folder() / f".{self.name}.starting").unlink(missing_ok=True)


def _try_lock(handle: int) -> bool:
    # Somebody asking whether it runs holds the lock for an instant; a rival start can't be here.
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _await_report(report: int, log: Path) -> None:
    """Read the supervisor's one line; raise what it says, or what its log says when it ended without a word."""
    deadline = time.monotonic() + _START_SECONDS
    with os.fdopen(report, "rb") as stream:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        line = stream.readline() if ready else b""
    if not line:
        raise BootFailed("its supervisor ended without a report", log.read_text(errors="replace")[-2000:])
    message = json.loads(line)
    if "error" in message:
        raise DrydockError(message["error"]["what"], why=message["error"]["why"], next=message["error"]["next"])


def _share(folder: Path | str) -> str:
    path = Path(folder).resolve()
    if not path.is_dir():
        raise BadSetting(f"{folder} can't be shared: it is no folder.", "name a folder that exists")
    if str(path) in _OWN or any(letter in str(path) for letter in ",\n\\"):
        raise BadSetting(
            f"{path} can't be shared with a machine.",
            "share a folder of your own below it; its path must have no comma, backslash or line break",
        )
    return str(path)


def _check(wishes: dict[str, Any]) -> None:
    memory, disk, cpu = wishes.get("memory_mb", 1024), wishes.get("disk_gb", seed.BASE_GB), wishes.get("cpu")
    if not 256 <= memory <= 65536:
        raise BadSetting(f"{memory} MB is no memory for a machine.", "choose 256 to 65536 MB; 1024 is usual")
    if not seed.BASE_GB <= disk <= seed.MAX_GB:
        raise BadSetting(f"{disk} GB is no disk for a machine.", f"choose {seed.BASE_GB} to {seed.MAX_GB} GB")
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cpu is not None and cpu not in allowed:
        raise BadSetting(f"There is no CPU {cpu} here to pin a machine to.", f"choose one of {sorted(allowed)}")
