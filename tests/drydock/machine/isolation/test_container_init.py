"""The tether: both of its ends, without a daemon between them."""

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

WORDS = [sys.executable, "-I", "-S", container_init.__file__]


def started(*words: str) -> subprocess.Popen[str]:
    """The tether with these words, and pipes to it."""
    return subprocess.Popen([*WORDS, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_who_is_held_has_an_open_input_and_no_variable() -> None:
    """It keeps its input open by itself, whatever ours is, and ends it when it is gone."""
    look = "import os, select; print(sorted(os.environ), select.select([0], [], [], 0.2)[0])"
    done = subprocess.run(
        [*WORDS, "hold", sys.executable, "-I", "-c", look], stdin=subprocess.DEVNULL, capture_output=True, timeout=20
    )
    assert done.stdout in (b"[] []\n", b"['LC_CTYPE'] []\n")  # Python sets that one itself where none says how to write


def test_who_is_held_dies_with_its_parent() -> None:
    """Also when the parent is killed and can do nothing about it."""
    script = f"import subprocess; p = subprocess.Popen({[*WORDS, 'hold', '/bin/sleep', '600']!r}); "
    script += "print(p.pid, flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: b"sleep" in Path(f"/proc/{child}/cmdline").read_bytes()[:12], "it to be held", seconds=10)
        parent.kill()
    wait_for(lambda: not alive(child), "it to end", seconds=10)


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137)])
def test_the_first_ends_as_its_command_does(script: str, code: int) -> None:
    """It tells how, as a shell does."""
    with started("first", "--", "/bin/sh", "-c", script) as process:
        assert process.wait(timeout=20) == code


def test_the_command_has_what_it_is_given() -> None:
    """Variables, and an input that has ended: the one that the tether holds on to is not its own."""
    with started("first", "--set", "A=b=c", "--set", "B=", "--", "/usr/bin/env") as process:
        assert process.stdout is not None
        assert process.stdout.read() == "A=b=c\nB=\n"
    with started("first", "--", "/bin/cat") as process:
        assert process.wait(timeout=20) == 0


def test_a_line_leads_to_who_listens() -> None:
    """The command finds it open under its number."""
    folder = socket_folder("tether")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.settimeout(20)
        listener.bind(str(folder / "line"))
        listener.listen()
        with started("first", "--line", f"7={folder}/line", "--", "/bin/sh", "-c", "echo hello >&7"):
            caller, _ = listener.accept()
            with caller, caller.makefile() as said:
                assert said.read() == "hello\n"
    (folder / "line").unlink()
    folder.rmdir()


@pytest.mark.parametrize("how", ["its input ends", "it is told to"])
def test_the_first_ends(how: str) -> None:
    """At once, whatever its command does: in a container this is the end of everything."""
    with started("first", "--", "/bin/sh", "-c", "echo up $$; exec sleep 600") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        command = int(process.stdout.readline().split()[1])
        if how == "it is told to":
            process.terminate()
        else:
            process.stdin.close()
        assert process.wait(timeout=20) == (143 if how == "it is told to" else 0)
        os.kill(command, signal.SIGKILL)  # outside a container, process 1 is another
