"""The system calls that a machine's kernel depends on, tried where a seccomp filter forbids one of them."""

from __future__ import annotations

import ctypes
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from drydock.errors import CommandTimedOut
from drydock.machine.host import system_calls

#: The numbers on x86-64.
_PTRACE, _PRCTL = 101, 157
_EPERM = 0x00050001


def _without(number: int) -> Callable[[], None]:
    """Return a function that forbids one system call to this process and its children, as a pod's profile does."""
    load, jump, answer = (0x20, 0, 0, 0), (0x15, 0, 1, number), 0x06
    code = [load, jump, (answer, 0, 0, _EPERM), (answer, 0, 0, 0x7FFF0000)]
    instructions = b"".join(struct.pack("HBBI", *line) for line in code)
    program = system_calls._Program(len(code), instructions)

    def forbid() -> None:
        libc = ctypes.CDLL(None)
        assert libc.prctl(38, 1, 0, 0, 0) == 0
        assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0

    return forbid


def _run(script: str, number: int, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], preexec_fn=_without(number), env=os.environ | variables,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


_FORBIDDEN = "import json; from drydock.machine.host import system_calls; print(json.dumps(system_calls.forbidden()))"


def test_both_work_here() -> None:
    """On the computer of the tests, no call fails, also when each is tried."""
    system_calls.trace()
    system_calls.filter_calls()
    assert system_calls.forbidden() == {}


@pytest.mark.parametrize(("number", "name"), [(_PTRACE, "ptrace"), (_PRCTL, "seccomp")])
def test_a_forbidden_call_is_named(number: int, name: str) -> None:
    """A call that a seccomp profile forbids is found, with the system's reason."""
    done = _run(_FORBIDDEN, number)
    reasons = json.loads(done.stdout)
    assert list(reasons) == [name]
    assert "Operation not permitted" in reasons[name]


def test_a_start_fails_at_once(user_folders: Path) -> None:
    """Where ptrace is forbidden, no machine is booted; the error says what an administrator can allow."""
    script = "from drydock.machine import obstacles; import time; began = time.monotonic(); errors = obstacles()\n"
    script += "print(time.monotonic() - began); print([error for error in errors if 'ptrace' in error.what][0])"
    done = _run(script, _PTRACE)
    seconds, message = done.stdout.split("\n", 1)
    assert float(seconds) < 5, "a second on a computer with nothing else to do"
    assert "the system forbids ptrace" in message
    assert "seccompProfile" in message


def test_a_computer_that_is_too_busy_to_try_them_has_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no answer of the system, so the next call tries them again."""
    monkeypatch.setattr(system_calls, "_is_restricted", lambda: True)
    monkeypatch.setattr(system_calls, "_SECONDS", 0)
    system_calls.forbidden.cache_clear()
    with pytest.raises(CommandTimedOut, match="did not end within 0 s"):
        system_calls.forbidden()
    monkeypatch.undo()
    assert system_calls.forbidden() == {}
