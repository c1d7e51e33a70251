"""Children that can't outlive us."""

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

#: A parent that starts one child with the program under test, tells its number and then only waits.
_PARENT = """
import asyncio
from drydock.machine.host import child_process
async def main():
    child = await child_process.spawn(["sleep", "600"], cpu=min(__import__("os").sched_getaffinity(0)))
    print(child.pid, flush=True)
    await child.wait()
asyncio.run(main())
"""


def test_a_child_dies_with_its_parent() -> None:
    """Also when the parent is killed so hard that it can do nothing about it."""
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    wait_for(lambda: not alive(child), "the child to die", seconds=10)


def test_a_child_stays_on_its_cpu_in_a_group_of_its_own() -> None:
    """It is pinned before it runs, gets the variables it was given and no others, and leads its own group."""
    cpu = max(os.sched_getaffinity(0))
    look = "import os; print(sorted(os.sched_getaffinity(0)), os.getpgrp() == os.getpid(), sorted(os.environ))"

    async def main() -> bytes:
        env = {"ONE": "1", "LC_ALL": "C.UTF-8"}
        child = await child_process.spawn([sys.executable, "-I", "-c", look], cpu=cpu, env=env, stdout=subprocess.PIPE)
        return (await child.communicate())[0]

    assert asyncio.run(main()).decode().strip() == f"[{cpu}] True ['LC_ALL', 'ONE']"


@pytest.mark.parametrize(("trap", "code"), [("exit 3", 3), ("", -signal.SIGKILL)])
def test_who_is_told_to_end_may_tidy_up(trap: str, code: int) -> None:
    """It ends in its own way; who will not is killed when its time is up."""

    async def main() -> int | None:
        script = f"trap '{trap}' TERM; echo up; while :; do sleep 0.01; done"
        cpu = min(os.sched_getaffinity(0))
        child = await child_process.spawn(["/bin/sh", "-c", script], cpu=cpu, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert await child.stdout.readline() == b"up\n"
        await child_process.end(child, seconds=20 if trap else 0.2)
        return await child.wait()

    assert asyncio.run(main()) == code


def test_kill_takes_the_whole_group() -> None:
    """What a child has started itself ends with it."""

    async def main() -> int:
        words = ["sh", "-c", "sleep 600 & echo $!; wait"]
        child = await child_process.spawn(words, cpu=min(os.sched_getaffinity(0)), stdout=subprocess.PIPE)
        assert child.stdout is not None
        grandchild = int(await child.stdout.readline())
        child_process.kill(child)
        assert await child.wait() == -signal.SIGKILL
        child_process.kill(child)  # twice is no mistake
        return grandchild

    grandchild = asyncio.run(main())
    wait_for(lambda: not alive(grandchild), "the grandchild to die", seconds=10)


def test_orphans_are_adopted_and_ended() -> None:
    """What a child left behind becomes ours, and none of it goes on or stays a zombie."""
    code = """
import os, subprocess
from drydock.machine.host import child_process
child_process.adopt_orphans()
words = ["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!"]
orphan = int(subprocess.run(words, capture_output=True, check=True).stdout)
assert int(open(f"/proc/{orphan}/stat").read().split()[3]) == os.getpid()
child_process.end_orphans()
assert not os.path.exists(f"/proc/{orphan}")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_users_of_a_folder_are_ended(tmp_path: Path) -> None:
    """What was left by a life cut off ends with its folder; a folder whose name only begins the same is another's."""
    words = [sys.executable, "-c", "import signal; print('here', flush=True); signal.pause()"]
    with (
        subprocess.Popen([*words, str(tmp_path / "mine" / "net")], stdout=subprocess.PIPE) as mine,
        subprocess.Popen([*words, str(tmp_path / "mine-too" / "net")], stdout=subprocess.PIPE) as other,
    ):
        for begun in (mine, other):  # a process that has only just begun has no command line yet
            assert begun.stdout is not None
            assert begun.stdout.readline() == b"here\n"
        child_process.end_users(tmp_path / "mine")
        assert mine.wait(timeout=10) == -signal.SIGKILL
        assert other.poll() is None
        other.kill()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """A missing program is the caller's to explain."""
    with pytest.raises(FileNotFoundError):
        asyncio.run(child_process.spawn([tmp_path / "none"], cpu=min(os.sched_getaffinity(0))))
