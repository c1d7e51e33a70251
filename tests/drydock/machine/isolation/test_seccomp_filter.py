"""The seccomp filter: what it refuses inside of the sandbox, and what it answers to every other system call."""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from drydock.machine.host import host_python
from drydock.machine.isolation import bubblewrap, seccomp_filter
from drydock.machine.isolation.sandbox_spec import SandboxSpec

_CLONE, _CLONE3, _SOCKET, _SOCKETPAIR, _PTRACE = 56, 435, 41, 53, 101
_I386, _X32_MOUNT = 0x40000003, 0x40000000 + 165
#: Prints the error of each system call: a number, and its first argument.
_CALLS = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
for number, first in (map(int, word.split(":")) for word in sys.argv[1:]):
    ctypes.set_errno(0)
    libc.syscall(number, first, 0, 0, 0, 0)
    print(number, ctypes.get_errno())
"""


def answer(number: int, first: int = 0, architecture: int = seccomp_filter.ARCHITECTURE) -> int:
    """Run the filter's instructions on a call; return 0 if it is allowed, else the error."""
    data = {0: number, 4: architecture, 16: first}
    instructions = list(struct.iter_unpack("=HBBI", seccomp_filter.program()))
    place = value = 0
    while True:
        operation, yes, no, constant = instructions[place]
        place += 1
        match operation:
            case 0x20:
                value = data[constant]
            case 0x06:
                return 0 if constant == 0x7FFF0000 else constant & 0xFFFF
            case _:
                holds = {0x15: value == constant, 0x35: value >= constant, 0x45: bool(value & constant)}[operation]
                place += yes if holds else no


def test_every_call_has_an_answer() -> None:
    """Refused calls get EPERM, clone3 and calls that are newer get ENOSYS, and all others are allowed."""
    refused = set(seccomp_filter.REFUSED.values())
    answers = {number: answer(number, socket.AF_UNIX) for number in range(600)}
    assert {number for number, error in answers.items() if error == errno.EPERM} == refused
    assert {number for number, error in answers.items() if error == errno.ENOSYS} == {_CLONE3, *range(457, 600)}
    assert answer(_PTRACE) == 0


def test_another_architecture_is_refused() -> None:
    """Calls of 32-bit programs and of the x32 ABI, which have other numbers, are refused."""
    assert answer(0, architecture=_I386) == errno.EPERM
    assert answer(_X32_MOUNT) == errno.ENOSYS


@pytest.mark.parametrize("flag", [1 << 17, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30])
def test_clone_creates_no_namespace(flag: int) -> None:
    """Each flag CLONE_NEW… is refused, also beside others; processes and threads can be created."""
    thread = 0x003D0F00
    assert [answer(_CLONE, flag), answer(_CLONE, thread | flag)] == [errno.EPERM] * 2
    assert [answer(_CLONE, thread), answer(_CLONE, 17)] == [0, 0]


@pytest.mark.parametrize("call", [_SOCKET, _SOCKETPAIR])
def test_only_usual_sockets(call: int) -> None:
    """Sockets of four address families are allowed; the others, among them AF_ALG, AF_PACKET and AF_VSOCK, are not."""
    allowed = {family for family in range(64) if answer(call, family) == 0}
    assert allowed == {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK}


def test_the_numbers_are_those_of_libseccomp() -> None:
    """Each refused call has the number that libseccomp, which every slirp4netns needs, knows by its name."""
    library = ctypes.CDLL("libseccomp.so.2")
    numbers = {
        name: library.seccomp_syscall_resolve_name_arch(seccomp_filter.ARCHITECTURE, name.encode())
        for name in seccomp_filter.REFUSED
    }
    assert numbers == seccomp_filter.REFUSED


@pytest.mark.isolation("bubblewrap")
def test_refused_calls_fail_in_the_sandbox(tmp_path: Path) -> None:
    """An isolated process gets the errors from its own kernel, and is not killed; calls that it needs work."""
    script = tmp_path / "calls.py"
    script.write_text(_CALLS)
    expected = dict.fromkeys(seccomp_filter.REFUSED.values(), errno.EPERM)
    expected |= {_CLONE3: errno.ENOSYS, 457: errno.ENOSYS, _SOCKET: errno.EPERM, _PTRACE: 0}
    spec = SandboxSpec(read_only=host_python.required_paths(script))
    calls = [f"{number}:{socket.AF_PACKET if number == _SOCKET else 0}" for number in expected]
    argv = [*bubblewrap.prefix(spec), *host_python.command(script), *calls]
    output = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30).stdout
    assert {int(number): int(error) for number, error in map(str.split, output.splitlines())} == expected


def test_a_missing_program_is_named() -> None:
    """The error names the program that can't be executed."""
    argv = [*host_python.command(Path(seccomp_filter.__file__)), "/nonexistent"]
    result = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
    assert (result.returncode, result.stderr.strip()) == (1, "/nonexistent: No such file or directory")
