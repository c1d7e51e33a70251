"""The kernel's process, with a shell script in the kernel's place: its environment, output and end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drydock.machine.guest.guest_agent import GuestAgent
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor.kernel_process import KernelProcess

#: Makes a kernel process whose program is a shell script.
NewKernel = Callable[[str], KernelProcess]


@pytest.fixture
def new_kernel(tmp_path: Path) -> Iterator[NewKernel]:
    """A function that makes a kernel process in a temporary folder; its program is a shell script."""
    for name in ("instance", "sockets", "kernel"):
        (tmp_path / name).mkdir()
    settings = Settings(
        "test", memory_mb=1, temporary=True, kernel=str(tmp_path / "kernel"), base=str(tmp_path / "base")
    )
    agent = GuestAgent()

    def new(script: str) -> KernelProcess:
        program = tmp_path / "kernel" / "linux"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return KernelProcess(settings, tmp_path / "instance", tmp_path / "sockets", agent, None)

    yield new
    agent.close()


async def _start(kernel: KernelProcess) -> None:
    await kernel.start(Path("/nowhere/network"), min(os.sched_getaffinity(0)))


async def _run(kernel: KernelProcess) -> int:
    await _start(kernel)
    return await kernel.wait()


def test_output_and_exit_code_are_kept(new_kernel: NewKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last 40 lines and the exit code are available after the end; the environment is not this process's."""
    monkeypatch.setenv("SECRET", "of this process")
    kernel = new_kernel("seq 100; env; echo panic >&2; exit 7")
    assert asyncio.run(_run(kernel)) == 7
    lines = kernel.last_lines()
    assert len(lines) == 40
    assert lines[-1] == "panic"
    assert "100" in lines
    assert not any(line.startswith("SECRET") for line in lines)


def test_the_disk_is_an_overlay_of_the_base_disk(new_kernel: NewKernel, tmp_path: Path) -> None:
    """The kernel gets the machine's own disk over the shared base disk."""
    kernel = new_kernel('printf "%s\\n" "$@"')
    asyncio.run(_run(kernel))
    disk = f"ubd0={tmp_path / 'instance' / 'work' / 'disk.cow'},{tmp_path / 'base' / 'disk.img'}"
    assert disk in kernel.last_lines()


def test_a_running_kernel_is_killed(new_kernel: NewKernel) -> None:
    """``end`` kills a running kernel, and does nothing before the start."""
    kernel = new_kernel("exec sleep 600")

    async def run() -> int:
        await kernel.end()
        await _start(kernel)
        assert Path(f"/proc/{kernel.pid}").exists()
        await kernel.end()
        return await kernel.wait()

    assert asyncio.run(run()) == -signal.SIGKILL
    assert not Path(f"/proc/{kernel.pid}").exists()
