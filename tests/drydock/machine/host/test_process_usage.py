"""Memory and CPU time of processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core.waiting import wait_for
from drydock.machine.host import process_usage

#: A program that prints a line when it has started and runs until its standard input is closed.
_WAITS = "import sys; print('started', flush=True); sys.stdin.read()"
#: A program that runs the first one as a child, with its own standard output.
_WITH_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_WAITS!r}])"


def start(program: str) -> subprocess.Popen[str]:
    """Start a Python program and wait until it, or its child, has printed its line."""
    argv = [sys.executable, "-c", program]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_a_tree_has_children_and_grandchildren() -> None:
    """The tree of a process has its descendants of any generation."""
    with start(_WITH_CHILD) as process:
        tree = process_usage.process_tree(process.pid)
        assert len(tree) == 2
        assert tree < process_usage.process_tree(os.getpid())
        process.communicate()
    assert process_usage.process_tree(process.pid) == {process.pid}


def test_resident_memory() -> None:
    """Two processes use more memory than one; a process that has ended uses none."""
    with start(_WITH_CHILD) as process:
        tree = process_usage.process_tree(process.pid)
        alone = process_usage.resident_mb([process.pid])
        both = process_usage.resident_mb(tree)
        assert 0 < alone < both
        assert process_usage.resident_mb([2**22 + 1]) == 0
        process.communicate()


def test_reaped_children_are_included() -> None:
    """A child's CPU time is included after it has been waited for; of a reaper, only its children's time is."""
    this = {os.getpid()}
    before, children = process_usage.cpu_seconds(this), process_usage.cpu_seconds((), this)
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass"], check=True)
    assert process_usage.cpu_seconds(this) - before >= 0.15
    assert process_usage.cpu_seconds((), this) - children >= 0.15


def test_a_daemon_is_found_by_its_socket(tmp_path: Path) -> None:
    """The process that listens at the socket is found, with its descendants."""
    file = str(tmp_path / "socket")
    listen = f"import socket; s = socket.socket(socket.AF_UNIX); s.bind({file!r}); s.listen(); {_WAITS}"
    with start(listen) as process:
        wait_for(lambda: Path(file).exists(), "the socket", seconds=60)
        assert process.pid in process_usage.daemon_processes(file)
        process.communicate()


def test_a_socket_without_a_listener(tmp_path: Path) -> None:
    """A socket at which no process listens raises ConnectionRefusedError."""
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        with pytest.raises(ConnectionRefusedError):
            process_usage.daemon_processes(str(tmp_path / "socket"))


def test_a_process_with_an_odd_name_counts(odd_process: int) -> None:
    """The name of a process, which any user may choose, need not be UTF-8."""
    assert odd_process in process_usage.process_tree(os.getpid())
