"""The process of a machine's kernel: its start with or without isolation, its output, and its end."""

from __future__ import annotations

import asyncio
import re
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from drydock.machine.guest.guest_agent import GuestAgent, keep_tail
from drydock.machine.host import host_python
from drydock.machine.host.child_process import kill, spawn, terminate
from drydock.machine.isolation.backends import IsolationBackend
from drydock.machine.isolation.sandbox_spec import SandboxSpec
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import cmdline

_HALT_SECONDS = 15
#: The folder of the machine's files in isolation.
_INSIDE = Path("/machine")


class KernelProcess:
    """The kernel of one machine: ``folder`` is the instance folder, ``sockets`` the folder shared with the network."""

    def __init__(
        self, settings: Settings, folder: Path, sockets: Path, agent: GuestAgent, isolation: IsolationBackend | None
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._sockets = sockets
        self._agent = agent
        self._isolation = isolation
        self._process: Process | None = None
        self._output: deque[bytes] = deque(maxlen=64)

    @property
    def pid(self) -> int | None:
        """Return the process id, or None before the start."""
        return self._process.pid if self._process is not None else None

    async def start(self, network: Path, cpu: int) -> None:
        """Start the kernel on one CPU; ``network`` is the socket of the network helper."""
        settings, work = self._settings, self._folder / "work"
        work.mkdir(exist_ok=True)
        base = Path(settings.base) if settings.raw else Path(settings.base) / "disk.img"
        console = self._agent.guest_end.fileno()
        spec = self._plain_paths(work, base) if self._isolation is None else self._sandbox_spec(work, base, cpu)
        disks = [base] if settings.raw else [work / "disk.cow", base]
        disk = ",".join(str(spec.inside(path)) for path in disks)
        kernel = KernelFiles.at(Path(settings.kernel)).moved(spec.inside)
        # The guest can read the kernel's command line, which names no folder of this computer in isolation.
        argv = cmdline.command(settings, kernel, disk, spec.inside(self._sockets), spec.inside(network), console)
        # It can read the kernel's environment, too, so that has none of this process's variables.
        env = {"PATH": "/usr/bin:/bin", "HOME": str(spec.inside(self._sockets))}
        if self._isolation is None:
            env["TMPDIR"] = str(cmdline.memory_folder(settings.memory_mb, self._folder))
        else:
            env["TMPDIR"] = "/memory"
            argv = [*self._isolation.prefix(replace(spec, env=env)), *argv]
        self._process = await spawn(
            argv, cpu=cpu, env=env, cwd=self._folder, stdout=PIPE, stderr=STDOUT, pass_fds=[console]
        )

    def _plain_paths(self, work: Path, base: Path) -> SandboxSpec:
        """Return the paths that differ on the kernel's command line, where spaces, commas and colons are separators.

        The kernel's working folder is the instance folder, which gets a link to each folder with such a character.
        """
        places = {} if _is_plain(work) else {work: Path(work.name)}
        for name, folder in (("base", base.parent), ("kernel", Path(self._settings.kernel))):
            link = self._folder / name
            link.unlink(missing_ok=True)
            if not _is_plain(folder):
                link.symlink_to(folder)
                places[folder] = Path(name)
        return SandboxSpec(places=places)

    def _sandbox_spec(self, work: Path, base: Path, cpu: int) -> SandboxSpec:
        """Return what the kernel may use in isolation, without its environment variables."""
        assert self._isolation is not None
        console = self._agent.guest_end.fileno()
        inherits = self._isolation.INHERITS_OPEN_FILES
        # Only the user may open the kernel's folder, but everyone may read the files in it. The program keeps its
        # path, which names its loader, and which the guest does not see.
        files = [*Path(self._settings.kernel).iterdir(), base]
        disks = [file for file in files if file.suffix == ".img"]
        return SandboxSpec(
            read_only=[*files, *host_python.required_paths(cmdline.TIMER_WORKAROUND)],
            writable=[work, self._sockets],
            places={path: _INSIDE / path.name for path in (*disks, work)} | {self._sockets: _INSIDE / "sockets"},
            memory_mb=self._settings.memory_mb,
            cpu=cpu,
            sockets={} if inherits else {console: self._agent.listen(self._sockets / "agent")},
        )

    async def wait(self) -> int:
        """Read the kernel's output until it ends, and return its exit code."""
        assert self._process is not None
        assert self._process.stdout is not None
        await keep_tail(self._process.stdout, self._output)
        return await self._process.wait()

    async def halt(self) -> None:
        """Let the guest halt, for up to 15 s; does nothing when the kernel does not run."""
        if self._process is None or self._process.returncode is not None:
            return
        try:
            async with asyncio.timeout(_HALT_SECONDS):
                with suppress(RuntimeError, ConnectionError):  # the guest may halt before it has answered
                    await self._agent.ask("halt")
                await self._process.wait()
        except TimeoutError:
            return  # the kernel is killed next, which is safe, because the disk's file system has a journal

    async def end(self) -> None:
        """Kill the kernel; in isolation, terminate it, because the isolation backend ends it on SIGTERM."""
        if self._process is None:
            return
        if self._isolation is not None:
            await terminate(self._process)
        else:
            kill(self._process)
            await self._process.wait()

    def last_lines(self) -> list[str]:
        """Return up to 40 lines that the guest printed last; a kernel that panics prints why."""
        return b"".join(self._output).decode(errors="replace").strip().splitlines()[-40:]


def _is_plain(folder: Path) -> bool:
    """Return whether a path has no character that separates words or files on a kernel's command line."""
    return re.search(r'[\s,:"]', str(folder)) is None
