"""The class :class:`Machine`: a Linux kernel with a Docker daemon, as an ordinary process and a context manager."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from drydock.core.endpoint import Endpoint
from drydock.core.progress import step
from drydock.errors import NoMachine, NotRunning, SettingsDamaged
from drydock.machine.host import memory, preflight
from drydock.machine.network.slirp import Protocol
from drydock.machine.store import artifact_cache, validate
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import Settings, is_name, machines_folder
from drydock.machine.supervisor.launcher import Launcher

if TYPE_CHECKING:
    import docker

    from drydock.machine.artifacts import machine_build


@dataclass(frozen=True)
class Status:
    """A machine's state at one moment.

    ``endpoint``, ``cpu`` and ``ports`` are set only while it runs. ``ports`` lists the forwarded ports as
    :meth:`~drydock.machine.network.portfwd.PortForwarder.table` does. ``why`` is the reason if it ended by itself.
    """

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
    """The machine of a name, or a temporary machine without a name.

    ``with Machine() as machine:`` boots it, and stops it at the end, also when this process is killed; of a temporary
    machine nothing is left. A machine that was running before goes on running. ``start()`` without ``with`` leaves it
    running until ``stop()``.

    ``memory_mb`` is in MB, ``disk_gb`` in GB. ``shares`` are folders of this computer that the machine mounts under the
    same path. With ``publish``, published ports are forwarded to this computer automatically; a temporary machine's are
    not, use :meth:`reach`. ``kernel`` names a kernel source (default: :func:`.kernel_source.default`).
    Without ``trusted``, the kernel runs processes in a slower way that is harder for untrusted code to escape.
    ``confined`` is for a temporary machine: in isolation (:mod:`.isolation.backends`), without network and folders.
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
        self._booted_here = False
        publish = not self._temporary if publish is None else publish
        requested = {"memory_mb": memory_mb, "disk_gb": disk_gb, "cpu": cpu, "publish": publish}
        requested |= {"trusted": trusted, "confined": confined}
        requested |= {"memory_requested": True} if memory_mb is not None else {}
        self._requested: dict[str, Any] = {key: value for key, value in requested.items() if value is not None}
        if shares:
            self._requested["shares"] = tuple(validate.shared_folder(folder) for folder in shares)
        self._kernel = kernel
        self._artifacts: machine_build.Artifacts | None = None
        validate.check_settings(self._requested)

    @classmethod
    def all(cls) -> list[Self]:
        """Return all machines on this computer, sorted by name."""
        folders = (file.parent for file in sorted(machines_folder().glob("*/settings.json")))
        return [cls(folder.name) for folder in folders if is_name(folder.name)]  # a person may have copied one

    @classmethod
    def running(cls) -> list[Self]:
        """Return the machines that run and are not temporary."""
        return [machine for machine in cls.all() if machine.is_running() and not machine._is_or_was_temporary()]

    def __enter__(self) -> Self:
        self._booted_here = self.start(owned=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._booted_here:
            self.stop()

    def exists(self) -> bool:
        """Return whether the machine exists; it may be stopped."""
        return self.instance.exists()

    def is_running(self) -> bool:
        """Return whether the machine's supervisor runs."""
        return self.instance.is_running()

    def was_killed(self) -> bool:
        """Return whether the machine ended because a process of this computer killed it; the guest can't do that.

        Only the :class:`Machine` that started it knows.
        """
        return self._launcher.was_killed()

    def start(self, *, owned: bool = False, quiet: bool = False) -> bool:
        """Boot the machine, after building missing artifacts; return False when it was already running.

        ``owned``: the machine stops when this process ends. ``quiet``: no progress is printed. Raises a
        :class:`~drydock.errors.DrydockError` when the machine can't be started.
        """
        from drydock.machine.artifacts import resolve  # imported here, because a machine's status does not need it

        preflight.check_platform()
        if self._artifacts is None and not self.is_running():
            self._artifacts = resolve.artifacts(self._kernel)
        waiting = "" if quiet else f"Waiting for the machine {self.name} to boot"
        with artifact_cache.locked(self.instance.start_lock, waiting):
            if self.is_running():
                return False
            if self._artifacts is None:  # it was running, or another process was booting it, and that has ended
                self._artifacts = resolve.artifacts(self._kernel)
            self._launcher.reap()
            is_new = not self.exists()
            try:
                memory_note = self._create_instance()
                with nullcontext() if quiet else step(f"Booting the machine {self.name}{memory_note}"):
                    self._launcher.launch(owned=owned)
            except BaseException:
                if is_new:  # it has no data yet
                    self.instance.clear_last_run()
                    shutil.rmtree(self.folder, ignore_errors=True)
                self._remove_if_temporary()
                raise
        return True

    def stop(self) -> bool:
        """Halt the machine and wait until all its processes have ended; return False when it was not running."""
        was_running = self.is_running()
        if was_running:
            self._launcher.stop()
        self._launcher.reap()
        self._remove_if_temporary()
        return was_running

    def remove(self) -> None:
        """Stop the machine and remove it with its disk."""
        if not self.exists():
            raise NoMachine(self.name)
        self.stop()
        with artifact_cache.locked(self.instance.start_lock):
            self.stop()  # another process may have begun to start it meanwhile
            self.instance.remove()

    @property
    def endpoint(self) -> Endpoint:
        """Return the address of its daemon; raises :class:`~drydock.errors.NotRunning` when there is none."""
        return self.instance.endpoint

    def client(self, timeout: float = 60) -> docker.DockerClient:
        """Return a docker-py client of its daemon; the caller closes it."""
        return self.endpoint.client(timeout)

    def reach(self, port: int, protocol: Protocol = "tcp") -> tuple[str, int]:
        """Return host and port on this computer that lead to a port published in the machine."""
        return "127.0.0.1", int(self.ask("reach", port=port, protocol=protocol))

    def share(self, folder: Path | str) -> None:
        """Mount a folder of this computer in the running machine under the same path, now and at later starts."""
        path = validate.shared_folder(folder)
        with artifact_cache.locked(self.instance.start_lock):  # two processes would each store their own folder only
            stored = self.instance.settings()
            if any(path == share or path.startswith(share + "/") for share in stored.shares):
                return
            self.ask("share", folder=path)
            stored.changed(shares=(*stored.shares, path)).write(self.folder)

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Send a request to its supervisor; :mod:`drydock.machine.supervisor.supervisor` lists the verbs."""
        return self._launcher.ask(verb, **arguments)

    def status(self) -> Status:
        """Return the machine's state; raises :class:`~drydock.errors.NoMachine` when it does not exist.

        Raises :class:`~drydock.errors.SettingsDamaged` when its settings can't be read.
        """
        if not self.exists():
            raise NoMachine(self.name)
        stored, running = self.instance.settings(), self.is_running()
        state: dict[str, Any] = {}
        ports: list[dict[str, Any]] = []
        if running:
            try:
                state, ports = self.instance.state(), self.ask("ports")
            except NotRunning:  # it is still booting, or has just ended
                state, running = {}, self.is_running()
        return Status(
            name=self.name,
            running=running,
            endpoint=f"tcp://127.0.0.1:{state['endpoint']}" if "endpoint" in state else None,
            memory_mb=stored.memory_mb,
            disk_gb=stored.disk_gb,
            cpu=state.get("cpu"),
            shares=stored.shares,
            ports=ports,
            why="" if running else self.instance.exit_reason(),
        )

    def ssh_port(self) -> int:
        """Return the port on 127.0.0.1 that is forwarded to its sshd."""
        return int(self.instance.state()["ssh"])

    def supervisor_pid(self) -> int:
        """Return the process id of its supervisor."""
        return int(self.instance.state()["pid"])

    def upgrade(self, *, fresh_disk: bool = False) -> str:
        """Stop the machine and switch to the newest kernel; return a sentence about the result.

        Its own disk is an overlay of one base disk, so the newest base disk needs a new own disk: ``fresh_disk``
        switches to it, and removes everything on the old one.
        """
        from drydock.machine.artifacts import resolve

        if not self.exists():
            raise NoMachine(self.name)
        artifacts = resolve.artifacts()
        self.stop()
        with artifact_cache.locked(self.instance.start_lock):
            self.stop()  # another process may have begun to start it meanwhile
            return self._switch(artifacts, fresh_disk)

    def _switch(self, artifacts: machine_build.Artifacts, fresh_disk: bool) -> str:
        stored, own = self.instance.settings(), self.instance.disk
        if fresh_disk:
            own.unlink(missing_ok=True)
        kernel, base = str(artifacts.kernel.folder), str(artifacts.base)
        stored.changed(kernel=kernel, base=stored.base if own.exists() else base).write(self.folder)
        if own.exists() and stored.base != base:
            return f"{self.name} has the newest kernel. There is a newer base disk, too: --fresh-disk switches to it."
        return f"{self.name} is up to date: {artifacts.kernel.folder.name}, {artifacts.base.name}."

    def _create_instance(self) -> str:
        """Write the settings: the stored ones, changed by the requested ones; return a note if memory is reduced."""
        from drydock.machine.isolation import backends

        assert self._artifacts is not None
        preflight.check_start(machines_folder())
        trusted = self._requested.get("trusted", True)
        preflight.check_system_calls(seccomp=self._artifacts.kernel.seccomp and trusted)
        isolation = backends.choose().NAME if self._requested.get("confined") else ""
        self.instance.clear_last_run()
        stored = self.instance.settings() if self.exists() else Settings(self.name, temporary=self._temporary)
        base = stored.base if stored.base and self.instance.disk.exists() else str(self._artifacts.base)
        artifact_cache.verify(Path(base))
        artifact_cache.verify(self._artifacts.kernel.folder)
        kernel = str(self._artifacts.kernel.folder)
        settings = stored.changed(**self._requested, isolation=isolation, base=base, kernel=kernel)
        validate.check_settings(asdict(settings))  # the stored CPU may be another computer's
        megabytes = memory.choose_mb(settings.memory_mb if settings.memory_requested else None)
        # Not earlier: a process that is killed from here on leaves the folder.
        self.folder.mkdir(mode=0o700, exist_ok=True)
        settings.changed(memory_mb=megabytes).write(self.folder)
        reduced = not settings.memory_requested and megabytes != memory.DEFAULT_MB
        return f" with {megabytes} MB, because little memory is available" if reduced else ""

    def _is_or_was_temporary(self) -> bool:
        try:
            return self.instance.settings().temporary
        except FileNotFoundError:  # it has been removed in the meantime
            return True
        except SettingsDamaged:
            return False

    def _remove_if_temporary(self) -> None:
        if self._temporary:
            self.instance.remove()
