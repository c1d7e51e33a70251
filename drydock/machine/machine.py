"""A machine: a Docker daemon as a process, and a context manager."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from drydock.core.endpoint import Endpoint
from drydock.core.progress import step
from drydock.errors import NoMachine, NotRunning
from drydock.machine.host import memory, preflight
from drydock.machine.network.slirp import Protocol
from drydock.machine.store import artifact_cache, validate
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import Settings, machines_folder
from drydock.machine.supervisor.launcher import Launcher

if TYPE_CHECKING:
    import docker

    from drydock.machine.artifacts import machine_build


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
    ``confined``: a temporary machine in isolation (:mod:`.isolation.backends`), without network or folders.
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
        self.instance = Instance(self.name)
        self.folder = self.instance.folder
        self._launcher = Launcher(self.instance)
        publish = not self._temporary if publish is None else publish
        given = {"memory_mb": memory_mb, "disk_gb": disk_gb, "cpu": cpu, "publish": publish}
        given |= {"trusted": trusted, "confined": confined}
        given |= {"memory_requested": True} if memory_mb is not None else {}
        self._requested: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if shares:
            self._requested["shares"] = tuple(validate.shared_folder(folder) for folder in shares)
        self._source = kernel
        self._parts: machine_build.Artifacts | None = None
        validate.check_settings(self._requested)

    @classmethod
    def all(cls) -> list[Self]:
        """Every machine that has a home, by name."""
        return [cls(file.parent.name) for file in sorted(machines_folder().glob("*/settings.json"))]

    @classmethod
    def running(cls) -> list[Self]:
        """Those of them that run and have a name of their own."""
        return [machine for machine in cls.all() if machine.is_running() and not machine.instance.settings().temporary]

    def __enter__(self) -> Self:
        self.start(owned=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def exists(self) -> bool:
        """Whether it has a home (it may be stopped)."""
        return self.instance.exists()

    def is_running(self) -> bool:
        """Whether its supervisor lives."""
        return self.instance.is_running()

    def was_killed(self) -> bool:
        """Whether it ended since somebody outside killed it, which nobody inside can; known to who started it."""
        return self._launcher.was_killed()

    def start(self, *, owned: bool = False, quiet: bool = False) -> bool:
        """Boot it, building what is missing first; False when it was running already.

        ``owned`` ties its life to this process; ``quiet`` tells nobody. Raises a :class:`DrydockError` that says
        what stands in the way.
        """
        from drydock.machine.artifacts import resolve  # a look at a machine does without what builds one

        preflight.check_platform()
        if self._parts is None and not self.is_running():
            self._parts = resolve.artifacts(self._source)
        waiting = "" if quiet else f"Waiting for the machine {self.name} to boot"
        with artifact_cache.locked(self.instance.start_lock, waiting):
            if self.is_running():
                return False
            self._launcher.reap()
            is_new = not self.exists()
            try:
                memory_note = self._create_instance()
                with nullcontext() if quiet else step(f"Booting the machine {self.name}{memory_note}"):
                    self._launcher.launch(owned=owned)
            except BaseException:
                if is_new:  # nobody's data is in it yet
                    self.instance.clear_last_run()
                    shutil.rmtree(self.folder, ignore_errors=True)
                self._remove_if_temporary()
                raise
        return True

    def stop(self) -> bool:
        """Halt it and wait until all of it is gone; False when it wasn't running."""
        was_running = self.is_running()
        if was_running:
            self._launcher.stop()
        self._launcher.reap()
        self._remove_if_temporary()
        return was_running

    def remove(self) -> None:
        """Stop it and throw away its disk and all that was on it."""
        if not self.exists():
            raise NoMachine(self.name)
        self.stop()
        self.instance.remove()

    @property
    def endpoint(self) -> Endpoint:
        """Its daemon's address; :class:`~drydock.errors.NotRunning` when there is none."""
        return self.instance.endpoint

    def client(self, timeout: float = 60) -> docker.DockerClient:
        """A docker-py client of its daemon; the caller closes it."""
        return self.endpoint.client(timeout)

    def reach(self, port: int, protocol: Protocol = "tcp") -> tuple[str, int]:
        """Where on this computer a port published in the machine can be reached."""
        return "127.0.0.1", int(self.ask("reach", port=port, protocol=protocol))

    def share(self, folder: Path | str) -> None:
        """Make a folder of this computer appear in the running machine under the same path, now and at later starts."""
        path = validate.shared_folder(folder)
        kept = self.instance.settings()
        if any(path == share or path.startswith(share + "/") for share in kept.shares):
            return
        self.ask("share", folder=path)
        kept.changed(shares=(*kept.shares, path)).write(self.folder)

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Ask its supervisor; see :mod:`drydock.machine.supervisor.supervisor` for the verbs."""
        return self._launcher.ask(verb, **arguments)

    def status(self) -> Status:
        """What is known of it now."""
        if not self.exists():
            raise NoMachine(self.name)
        kept, running = self.instance.settings(), self.is_running()
        state: dict[str, Any] = {}
        ports: list[dict[str, Any]] = []
        if running:
            try:
                state, ports = self.instance.state(), self.ask("ports")
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
            why="" if running else self.instance.exit_reason(),
        )

    def ssh_port(self) -> int:
        """The port on 127.0.0.1 that leads to its sshd."""
        return int(self.instance.state()["ssh"])

    def supervisor_pid(self) -> int:
        """The process that owns the machine's kernel and network."""
        return int(self.instance.state()["pid"])

    def upgrade(self, *, fresh_disk: bool = False) -> str:
        """Stop it and move it to the newest kernel, with ``fresh_disk`` to the newest base too; tells what changed.

        A disk was begun on one base and can't change it, so a new base means a new disk.
        """
        from drydock.machine.artifacts import machine_build

        if not self.exists():
            raise NoMachine(self.name)
        parts, kept = machine_build.find_or_build(), self.instance.settings()
        self.stop()
        own = self.instance.disk
        if fresh_disk:
            own.unlink(missing_ok=True)
        kernel, base = str(parts.kernel.folder), str(parts.base)
        kept.changed(kernel=kernel, base=kept.base if own.exists() else base).write(self.folder)
        if own.exists() and kept.base != base:
            return f"{self.name} has the newest kernel. A newer base disk is there too: --fresh-disk takes it."
        return f"{self.name} is up to date: {parts.kernel.folder.name}, {parts.base.name}."

    def _create_instance(self) -> str:
        """Write the settings: the stored ones, changed by the requested ones; return a note if memory is reduced."""
        from drydock.machine.isolation import backends

        assert self._parts is not None
        preflight.check_start(machines_folder())
        isolation = backends.choose().NAME if self._requested.get("confined") else ""
        self.instance.clear_last_run()
        kept = self.instance.settings() if self.exists() else Settings(self.name, temporary=self._temporary)
        base = kept.base if kept.base and self.instance.disk.exists() else str(self._parts.base)
        artifact_cache.verify(Path(base))
        artifact_cache.verify(self._parts.kernel.folder)
        kernel = str(self._parts.kernel.folder)
        settings = kept.changed(**self._requested, isolation=isolation, base=base, kernel=kernel)
        megabytes = memory.choose_mb(settings.memory_mb if settings.memory_requested else None)
        # Not earlier: a process that is killed from here on leaves the folder.
        self.folder.mkdir(mode=0o700, exist_ok=True)
        settings.changed(memory_mb=megabytes).write(self.folder)
        reduced = not settings.memory_requested and megabytes != memory.DEFAULT_MB
        return f" with {megabytes} MB, because little memory is available" if reduced else ""

    def _remove_if_temporary(self) -> None:
        if self._temporary:
            self.instance.remove()
