"""Memory and processor time of processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from drydock.core.waiting import wait_for
from drydock.machine.bench import process_usage

#: A process that says when it is there and stays until its standard input closes.
_STAYS = "import sys; print('there', flush=True); sys.stdin.read()"
#: One that starts such a child, and passes on what it says.
_WITH_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_STAYS!r}])"


def started(program: str) -> subprocess.Popen[str]:
    """A Python process, once it or its child has said that it is there."""
    argv = [sys.executable, "-c", program]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    return process


def test_a_family_has_children_and_grandchildren() -> None:
    """Who descends from a process belongs to it, over any number of steps."""
    with started(_WITH_CHILD) as process:
        family = process_usage.family(process.pid)
        assert len(family) == 2
        assert family < process_usage.family(os.getpid())
        process.communicate()
    assert process_usage.family(process.pid) == {process.pid}


def test_memory_is_that_of_each_address_space() -> None:
    """Two processes need more than one; naming one twice, or one that has gone, adds nothing."""
    with started(_WITH_CHILD) as process:
        family = process_usage.family(process.pid)
        alone = process_usage.resident_mb([process.pid])
        both = process_usage.resident_mb(family)
        assert 0 < alone < both
        assert process_usage.resident_mb([2**22 + 1]) == 0
        process.communicate()


def test_reaped_children_count() -> None:
    """The processor time of a child is in the figure once the child has been waited for, and alone with a reaper."""
    mine = {os.getpid()}
    before, children = process_usage.cpu_seconds(mine), process_usage.cpu_seconds((), mine)
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass"], check=True)
    assert process_usage.cpu_seconds(mine) - before >= 0.15
    assert process_usage.cpu_seconds((), mine) - children >= 0.15


def test_the_daemon_at_a_socket(tmp_path: Path) -> None:
    """It is the process that listens there, with its descendants."""
    file = str(tmp_path / "socket")
    listen = f"import socket; s = socket.socket(socket.AF_UNIX); s.bind({file!r}); s.listen(); {_STAYS}"
    with started(listen) as process:
        wait_for(lambda: Path(file).exists(), "the socket", seconds=5)
        assert process.pid in process_usage.daemon(file)
        process.communicate()


def test_a_daemon_that_is_not_there(tmp_path: Path) -> None:
    """A socket that nobody listens at is an ordinary error of the system."""
    with socket.socket(socket.AF_UNIX) as unheard:
        unheard.bind(str(tmp_path / "socket"))
        try:
            process_usage.daemon(str(tmp_path / "socket"))
        except ConnectionRefusedError:
            return
    raise AssertionError("it was there")
