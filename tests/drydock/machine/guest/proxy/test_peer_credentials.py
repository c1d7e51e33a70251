"""The kernel reports which process calls, and in which container it is."""

from __future__ import annotations

import errno
import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from drydock.machine.guest.proxy.peer_credentials import container_of, identified
from drydock.machine.guest.proxy.refusal import Refused

ID = "0f" * 32


@pytest.mark.parametrize(
    "groups",
    [f"0::/docker/{ID}\n", f"12:pids:/docker/{ID}\n0::/system.slice\n", f"0::/system.slice/docker-{ID}.scope\n",
     f"1:name=systemd:/x/docker/{ID}\n"],
)  # fmt: skip
def test_a_container_is_known_by_its_control_group(tmp_path: Path, groups: str) -> None:
    """With either version of control groups."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text(groups)
    assert container_of(7, tmp_path) == ID


@pytest.mark.parametrize(
    "groups",
    ["", "0::/\n", f"0::/docker/{ID}/inner\n", f"0::/docker/{ID[:12]}\n", f"0::/docker/buildkit/{ID}\n", f"0::/{ID}\n"],
)
def test_others_are_in_no_container(tmp_path: Path, groups: str) -> None:
    """The machine's own processes, and the steps of a build."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup").write_text(groups)
    with pytest.raises(Refused, match="only a container"):
        container_of(7, tmp_path)


def test_a_process_that_is_gone_is_in_none(tmp_path: Path) -> None:
    """The refusal names the reason."""
    with pytest.raises(Refused, match="has ended"):
        container_of(7, tmp_path)


def test_a_process_of_this_computer_is_refused() -> None:
    """The tests run in no container of Docker's; a connection of theirs is of no use."""
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(Refused), identified(ours):
        raise AssertionError("a process outside of containers was let in")


def test_a_descriptor_tells_when_the_process_that_connected_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while another process holds the connection."""
    monkeypatch.setattr("drydock.machine.guest.proxy.peer_credentials.container_of", lambda pid: str(pid))
    connect = "import os, socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); sys.stdin.read(1)"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        words = [sys.executable, "-c", connect, str(tmp_path / "socket")]
        with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
            connection, _ = listener.accept()
            with connection, identified(connection) as caller:
                assert caller.container == str(process.pid)
                assert not _is_readable(caller.ended, 0)
                process.communicate(b"\n")
                assert _is_readable(caller.ended, 10)
                ended = caller.ended
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(ended)


def test_a_number_of_a_process_that_is_gone_stands_for_no_other() -> None:
    """Another process may have the number by then: here, the process of the tests."""

    class Connection(socket.socket):
        def getsockopt(self, *arguments: Any) -> Any:
            if arguments[1] == socket.SO_PEERCRED:
                return super().getsockopt(*arguments)
            raise OSError(errno.ESRCH, "No such process")

    theirs, ours = socket.socketpair()
    connection = Connection(fileno=ours.detach())
    with theirs, connection, pytest.raises(Refused, match="has ended"), identified(connection):
        raise AssertionError("a process that did not connect was let in")


def _is_readable(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])
