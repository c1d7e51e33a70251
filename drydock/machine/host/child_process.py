"""Start a child that can't outlive us, on one CPU."""

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
    """A child process in a group of its own, killed by the system when the thread that started it ends.

    Pinned to ``cpu``: User Mode Linux switches between processes on every system call, and across CPUs
    that costs four to eight times as much; the network helper belongs on the same one.
    """
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.sched_setaffinity(0, {cpu})
        if os.getppid() != parent:  # the parent ended before the line above took effect
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
    """End a child and everything in its group, at once."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


async def end(process: subprocess.Process, seconds: float = 10) -> None:
    """Tell a child's group to end, as one must who has others end for it, and kill what does not."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    kill(process)


def adopt_orphans() -> None:
    """Become the parent of whatever our children leave behind: a guest's processes are processes of ours."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_orphans(seconds: float = 5) -> None:
    """Kill everything adopted and wait for it to be gone, so that not even a zombie is left where process 1 reaps none.

    slirp4netns, for one, begins as two processes, and the second does not notice when the first is killed.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for child in _children():
            _kill_quietly(child)
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.01)


def end_users(folder: Path) -> None:
    """Kill the processes with something in ``folder`` on their command line: the rest of a life that was cut off."""
    mark = f"{folder}/".encode()
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended while we looked
            if mark in file.read_bytes() and int(file.parent.name) != os.getpid():
                _kill_quietly(int(file.parent.name))


def _children() -> list[int]:
    us, found = str(os.getpid()), []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if file.read_text().rpartition(")")[2].split()[1] == us:
                found.append(int(file.parent.name))
    return found


def _kill_quietly(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
