"""Child processes end with their parent, stay on one CPU, and leave no orphans."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core.waiting import wait_for
from drydock.machine.host import child_process
from tests.leaks import alive

#: A program that spawns one child, prints the child's pid and waits.
_PARENT = """
import asyncio
from drydock.machine.host import child_process
async def main():
    child = await child_process.spawn(["sleep", "600"], cpu=min(__import__("os").sched_getaffinity(0)))
    print(child.pid, flush=True)
    await child.wait()
asyncio.run(main())
"""
_CPU = min(os.sched_getaffinity(0))


def test_a_child_dies_with_its_parent() -> None:
    """A child ends also when its parent is killed with SIGKILL."""
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    wait_for(lambda: not alive(child), "the child to die", seconds=60)


def test_a_child_stays_on_its_cpu_in_its_own_group() -> None:
    """A child is pinned before it runs, has only the variables it was given, and leads its own process group."""
    cpu = max(os.sched_getaffinity(0))
    script = "import os; print(sorted(os.sched_getaffinity(0)), os.getpgrp() == os.getpid(), sorted(os.environ))"

    async def main() -> bytes:
        env = {"ONE": "1", "LC_ALL": "C.UTF-8"}
        argv = [sys.executable, "-I", "-c", script]
        child = await child_process.spawn(argv, cpu=cpu, env=env, stdout=subprocess.PIPE)
        return (await child.communicate())[0]

    assert asyncio.run(main()).decode().strip() == f"[{cpu}] True ['LC_ALL', 'ONE']"


@pytest.mark.parametrize(("trap", "code"), [("exit 3", 3), ("", -signal.SIGKILL)])
def test_terminate_lets_a_child_clean_up(trap: str, code: int) -> None:
    """A child that handles SIGTERM exits by itself; a child that ignores it is killed after the time limit."""

    async def main() -> int | None:
        script = f"trap '{trap}' TERM; echo up; while :; do sleep 0.01; done"
        child = await child_process.spawn(["/bin/sh", "-c", script], cpu=_CPU, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert await child.stdout.readline() == b"up\n"
        await child_process.terminate(child, seconds=20 if trap else 0.2)
        return await child.wait()

    assert asyncio.run(main()) == code


def test_kill_ends_the_whole_group() -> None:
    """Killing a child ends the child's own children too, and killing it twice is no error."""

    async def main() -> int:
        argv = ["sh", "-c", "sleep 600 & echo $!; wait"]
        child = await child_process.spawn(argv, cpu=_CPU, stdout=subprocess.PIPE)
        assert child.stdout is not None
        grandchild = int(await child.stdout.readline())
        child_process.kill(child)
        assert await child.wait() == -signal.SIGKILL
        child_process.kill(child)
        return grandchild

    grandchild = asyncio.run(main())
    wait_for(lambda: not alive(grandchild), "the grandchild to die", seconds=60)


def test_orphans_are_adopted_and_killed() -> None:
    """An orphan of a child becomes our child, and after kill_orphans not even its zombie exists."""
    script = """
import os, subprocess
from drydock.machine.host import child_process
child_process.adopt_orphans()
argv = ["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"]
orphan = int(subprocess.run(argv, capture_output=True, check=True).stdout)
assert int(open(f"/proc/{orphan}/stat").read().split()[3]) == os.getpid()
child_process.kill_orphans()
assert not os.path.exists(f"/proc/{orphan}")
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_only_processes_using_the_folder_are_killed(tmp_path: Path) -> None:
    """A process with a path below the folder is killed; one whose path only starts with the same letters is not."""
    argv = [sys.executable, "-c", "import signal; print('ready', flush=True); signal.pause()"]
    with (
        subprocess.Popen([*argv, str(tmp_path / "run" / "net")], stdout=subprocess.PIPE) as user,
        subprocess.Popen([*argv, str(tmp_path / "run-2" / "net")], stdout=subprocess.PIPE) as other,
    ):
        for process in (user, other):  # before exec, a process does not have its own command line
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        child_process.kill_processes_using(tmp_path / "run")
        assert user.wait(timeout=10) == -signal.SIGKILL
        assert other.poll() is None
        other.kill()


def test_a_missing_program_is_an_error(tmp_path: Path) -> None:
    """A program that does not exist raises FileNotFoundError, for the caller to explain."""
    with pytest.raises(FileNotFoundError):
        asyncio.run(child_process.spawn([tmp_path / "none"], cpu=_CPU))


def test_orphans_end_beside_a_process_with_an_odd_name(odd_process: int) -> None:
    """A process of any user may have a name that is no UTF-8; all children are ended all the same."""
    script = "from drydock.machine.host import child_process as c; import subprocess as s\n"
    script += "s.Popen(['sleep', '600']); c.kill_orphans()"
    subprocess.run([sys.executable, "-c", script], timeout=60, check=True)
    assert Path(f"/proc/{odd_process}").exists()
