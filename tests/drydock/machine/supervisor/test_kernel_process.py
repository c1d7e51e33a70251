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


def test_a_guest_that_halts_by_itself(new_kernel: NewKernel) -> None:
    """A kernel that closes its console while it is asked to halt is waited for like any other."""

    async def run() -> int:
        kernel = new_kernel("exec sleep 0.5")
        await _start(kernel)
        kernel._agent.ask = _reset  # type: ignore[method-assign]
        await kernel.halt()
        return await kernel.wait()

    assert asyncio.run(run()) == 0


async def _reset(verb: str, *arguments: str, seconds: float = 10) -> str:
    raise ConnectionResetError


def test_separators_in_paths_are_not_on_the_command_line(tmp_path: Path) -> None:
    """In folders with a space, a comma and a colon, the kernel gets paths from its working folder without them."""
    folder = tmp_path / "a, b: c"
    for name in ("instance", "kernel", "base"):
        (folder / name).mkdir(parents=True)
    (folder / "base" / "disk.img").write_text("the base disk\n")
    (folder / "kernel" / "modules.img").touch()
    program = folder / "kernel" / "linux"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\ncat base/disk.img\n')
    program.chmod(0o755)
    settings = Settings("test", memory_mb=1, kernel=str(folder / "kernel"), base=str(folder / "base"))
    agent = GuestAgent()
    kernel = KernelProcess(settings, folder / "instance", tmp_path, agent, None)
    assert [asyncio.run(_run(kernel)) for _ in range(2)] == [0, 0]
    agent.close()
    lines = kernel.last_lines()
    assert {"ubd0=work/disk.cow,base/disk.img", "ubd2r=kernel/modules.img", "the base disk"} <= set(lines)
    assert not any("a, b: c" in line for line in lines)


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
