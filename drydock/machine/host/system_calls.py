"""The system calls that User Mode Linux depends on, each tried on a child process: ptrace and seccomp.

A pod's seccomp profile, Yama or a sandbox such as gVisor may forbid them; a kernel would then end in the middle of its
boot. ``python -I -S system_calls.py`` prints one line for each call that fails: its name and the system's reason. It is
a script, because it forks, which a process with threads must not; it imports only the standard library.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)

_PTRACE_TRACEME, _PTRACE_GETREGS, _PTRACE_SETREGS, _PTRACE_SETOPTIONS, _PTRACE_SYSEMU = 0, 12, 13, 0x4200, 31
_PTRACE_O_TRACESYSGOOD, _PTRACE_O_EXITKILL = 1, 1 << 20
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
#: One instruction of BPF: return SECCOMP_RET_ALLOW.
_ALLOW = struct.pack("HBBI", 6, 0, 0, 0x7FFF0000)
#: More than any of the registers' structures.
_REGISTERS_BYTES = 1024
_SECONDS = 10


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


@cache
def forbidden() -> dict[str, str]:
    """Return the reason of each system call that fails here, by its name: ``ptrace`` or ``seccomp``.

    They are tried where something may forbid them; on any other computer that would cost a start a tenth of a second.
    Raises :class:`~drydock.errors.CommandTimedOut` on a computer that is too busy to try them.
    """
    if not _is_restricted():
        return {}
    argv = [sys.executable, "-I", "-S", str(Path(__file__))]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        from drydock.errors import CommandTimedOut  # only here: the script does without our package

        raise CommandTimedOut(argv, error.timeout) from None
    if done.returncode != 0:
        return {"ptrace": done.stderr.strip() or f"the check ended with code {done.returncode}"}
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def _is_restricted() -> bool:
    """Return whether this process has a seccomp filter, Yama restricts ptrace, or the kernel is gVisor's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    try:
        scope = int(Path("/proc/sys/kernel/yama/ptrace_scope").read_text())
    except (OSError, ValueError):  # this kernel has no Yama
        scope = 0
    # gVisor's status has no such line.
    return status.get("Seccomp", "?").strip() != "0" or scope > 1


def trace() -> None:
    """Trace a child as the kernel traces its processes; raise OSError with the request that failed."""
    child = os.fork()
    if child == 0:
        os._exit(_in_child(lambda: _ptrace("PTRACE_TRACEME", _PTRACE_TRACEME, 0, None)))
    try:
        _await_stop(child, signal.SIGSTOP)
        registers = ctypes.create_string_buffer(_REGISTERS_BYTES)
        options = ctypes.c_void_p(_PTRACE_O_TRACESYSGOOD | _PTRACE_O_EXITKILL)
        _ptrace("PTRACE_SETOPTIONS", _PTRACE_SETOPTIONS, child, options)
        _ptrace("PTRACE_SYSEMU", _PTRACE_SYSEMU, child, None)
        _await_stop(child, signal.SIGTRAP | 0x80)
        _ptrace("PTRACE_GETREGS", _PTRACE_GETREGS, child, registers)
        _ptrace("PTRACE_SETREGS", _PTRACE_SETREGS, child, registers)
    finally:
        _end(child)


def filter_calls() -> None:
    """Let a child set a seccomp filter that allows everything; raise OSError if it may not."""
    child = os.fork()
    if child == 0:
        os._exit(_in_child(_set_filter))
    try:
        _await_stop(child, signal.SIGSTOP)
    finally:
        _end(child)


def _set_filter() -> None:
    program = _Program(1, _ALLOW)
    _checked("prctl(PR_SET_NO_NEW_PRIVS)", _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    pointer = ctypes.byref(program)
    _checked("prctl(PR_SET_SECCOMP)", _LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, pointer, 0, 0))


def _in_child(call: Callable[[], None]) -> int:
    """Make a call in the child, and stop; return the error's number as the exit code when the call fails."""
    try:
        call()
    except OSError as error:
        return error.errno or 1
    os.kill(os.getpid(), signal.SIGSTOP)
    os.getppid()  # a system call that the parent sees
    return 0


def _await_stop(child: int, expected: int) -> None:
    """Wait until the child stops by a signal; raise its own error if it ended instead."""
    _, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFEXITED(status):
        number = os.waitstatus_to_exitcode(status)
        raise OSError(number, os.strerror(number))
    if not os.WIFSTOPPED(status) or os.WSTOPSIG(status) != expected:
        raise OSError(0, f"the traced process did not stop as expected (status {status})")


def _ptrace(name: str, request: int, child: int, data: object) -> None:
    _checked(name, _LIBC.ptrace(request, child, None, data))


def _checked(name: str, result: int) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _end(child: int) -> None:
    try:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    except (ProcessLookupError, ChildProcessError):  # it has ended and was waited for
        return


def main() -> None:
    """Print the calls that fail."""
    for name, call in (("ptrace", trace), ("seccomp", filter_calls)):
        try:
            call()
        except OSError as error:
            print(name, error.strerror)


if __name__ == "__main__":
    main()
