"""Child processes that end with this process and stay on one CPU."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import time
from asyncio import create_subprocess_exec, subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


async def spawn(
    argv: Sequence[str | Path],
    *,
    cpu: int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: int = subprocess.DEVNULL,
    stderr: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Process:
    """Start a child in a process group of its own; the kernel kills it when the calling thread ends.

    The child is pinned to ``cpu``: User Mode Linux switches between processes on every system call, and a switch
    between CPUs takes four to eight times as long. The network helper belongs on the same CPU.
    """
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.sched_setaffinity(0, {cpu})
        if os.getppid() != parent:  # the parent ended before prctl took effect
            os._exit(1)

    return await create_subprocess_exec(
        *map(str, argv),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=env,
        cwd=cwd,
        pass_fds=tuple(pass_fds),
        preexec_fn=prepare,
        process_group=0,
    )


def kill(process: subprocess.Process) -> None:
    """Send SIGKILL to a child's process group; do nothing when the child has ended."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


async def terminate(process: subprocess.Process, seconds: float = 10) -> None:
    """Send SIGTERM to a child's process group, wait up to ``seconds``, then send SIGKILL if the child still runs.

    A child whose own work runs elsewhere, as a container's does, can end that work on SIGTERM but not on SIGKILL.
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    kill(process)


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans (a subreaper), such as the processes of a guest."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def kill_orphans(seconds: float = 5) -> None:
    """Kill and reap all children, up to a limit of ``seconds``, so that not even a zombie remains.

    slirp4netns, for example, starts a second process that does not end when the first is killed. In some containers
    process 1 reaps no zombies.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for child in _children():
            _kill_if_running(child)
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.01)


def kill_processes_using(folder: Path) -> None:
    """Kill all other processes with a path below ``folder`` on their command line, as a killed supervisor leaves."""
    argument = f"{folder}/".encode()
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # the process ended in the meantime
            if argument in file.read_bytes() and int(file.parent.name) != os.getpid():
                _kill_if_running(int(file.parent.name))


def _children() -> list[int]:
    parent, children = str(os.getpid()).encode(), []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if file.read_bytes().rpartition(b")")[2].split()[1] == parent:  # a name need not be UTF-8
                children.append(int(file.parent.name))
    return children


def _kill_if_running(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
