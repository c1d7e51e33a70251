"""Both ends of an isolation container, without a daemon between them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core.paths import socket_folder
from drydock.core.waiting import wait_for
from drydock.machine.isolation import container_init
from tests.leaks import alive

ARGV = [sys.executable, "-I", "-S", container_init.__file__]


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the script with these arguments, and with pipes for its input and output."""
    return subprocess.Popen([*ARGV, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_the_client_has_an_open_input_and_no_variable() -> None:
    """The client's standard input stays open although ours is closed, and it has none of our variables."""
    script = "import os, select; print(sorted(os.environ), select.select([0], [], [], 0.2)[0])"
    result = subprocess.run(
        [*ARGV, "client", sys.executable, "-I", "-c", script],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
    )  # fmt: skip
    assert result.stdout in (b"[] []\n", b"['LC_CTYPE'] []\n")  # without a locale, Python sets LC_CTYPE itself


def test_the_client_dies_with_its_parent() -> None:
    """The client ends also when its parent is killed with SIGKILL."""
    script = f"import subprocess; p = subprocess.Popen({[*ARGV, 'client', '/bin/sleep', '600']!r}); "
    script += "print(p.pid, flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: b"sleep" in Path(f"/proc/{child}/cmdline").read_bytes()[:12], "the client", seconds=60)
        parent.kill()
    wait_for(lambda: not alive(child), "the client to end", seconds=60)


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137)])
def test_init_ends_as_its_command_does(script: str, code: int) -> None:
    """The exit code is the command's own or, after a signal, 128 plus the signal's number."""
    with start("init", "--", "/bin/sh", "-c", script) as process:
        assert process.wait(timeout=20) == code


def test_the_command_gets_its_variables_and_a_closed_input() -> None:
    """The command has exactly the variables given, and its input is empty: it does not share init's input."""
    with start("init", "--env", "A=b=c", "--env", "B=", "--", "/usr/bin/env") as process:
        assert process.stdout is not None
        assert process.stdout.read() == "A=b=c\nB=\n"
    with start("init", "--", "/bin/cat") as process:
        assert process.wait(timeout=20) == 0


def test_a_socket_is_connected() -> None:
    """The command finds the connected socket open under its number."""
    folder = socket_folder("init")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.settimeout(20)
        listener.bind(str(folder / "socket"))
        listener.listen()
        with start("init", "--socket", f"7={folder}/socket", "--", "/bin/sh", "-c", "echo hello >&7"):
            connection, _ = listener.accept()
            with connection, connection.makefile() as stream:
                assert stream.read() == "hello\n"
    (folder / "socket").unlink()
    folder.rmdir()


@pytest.mark.parametrize("cause", ["its input closes", "SIGTERM"])
def test_init_ends_at_once(cause: str) -> None:
    """Init exits at once, whatever its command does; in a container, this ends all processes."""
    with start("init", "--", "/bin/sh", "-c", "echo up $$; exec sleep 600") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        command = int(process.stdout.readline().split()[1])
        if cause == "SIGTERM":
            process.terminate()
        else:
            process.stdin.close()
        assert process.wait(timeout=20) == (143 if cause == "SIGTERM" else 0)
        os.kill(command, signal.SIGKILL)  # outside of a container, init is not process 1 and the command survives it
