"""The seccomp filter of the isolation backend bubblewrap: the system calls that an isolated process can't make.

``python -I -S seccomp_filter.py BWRAP OPTIONS…`` writes the filter to a file in memory and becomes
``BWRAP --seccomp FILE OPTIONS…``. bubblewrap sets the filter on everything that it runs.

The filter refuses what no machine needs and where many vulnerabilities of Linux were found: mounts, namespaces, keys,
BPF, performance events, asynchronous calls, modules, unusual sockets. A refusal is EPERM, or ENOSYS where C libraries
try a newer call first, and never kills: User Mode Linux catches the calls of the guest's processes itself, and
killing would come before that. What User Mode Linux needs, such as ptrace, is allowed.
This script imports only the standard library, so that it runs with the host's Python.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import struct
import sys
from typing import NoReturn

#: Refused system calls with their numbers on x86-64, the only architecture of machines.
REFUSED = {
    "_sysctl": 156, "acct": 163, "add_key": 248, "adjtimex": 159, "bpf": 321, "chroot": 161, "clock_adjtime": 305,
    "clock_settime": 227, "delete_module": 176, "fanotify_init": 300, "finit_module": 313, "fsconfig": 431,
    "fsmount": 432, "fsopen": 430, "fspick": 433, "get_mempolicy": 239, "init_module": 175, "io_uring_enter": 426,
    "io_uring_register": 427, "io_uring_setup": 425, "ioperm": 173, "iopl": 172, "kcmp": 312, "kexec_file_load": 320,
    "kexec_load": 246, "keyctl": 250, "lookup_dcookie": 212, "mbind": 237, "memfd_secret": 447, "migrate_pages": 256,
    "modify_ldt": 154, "mount": 165, "mount_setattr": 442, "move_mount": 429, "move_pages": 279,
    "name_to_handle_at": 303, "nfsservctl": 180, "open_by_handle_at": 304, "open_tree": 428, "perf_event_open": 298,
    "pidfd_getfd": 438, "pivot_root": 155, "quotactl": 179, "quotactl_fd": 443, "reboot": 169, "request_key": 249,
    "set_mempolicy": 238, "setdomainname": 171, "sethostname": 170, "setns": 308, "settimeofday": 164, "swapoff": 168,
    "swapon": 167, "sysfs": 139, "syslog": 103, "umount2": 166, "unshare": 272, "uselib": 134, "userfaultfd": 323,
    "ustat": 136, "vhangup": 153, "vmsplice": 278,
}  # fmt: skip
#: The first number that does not exist for isolated processes: what Linux 6.8 and later added. Calls of the x32 ABI
#: have larger numbers, too.
FIRST_UNKNOWN = 457
#: Address families of sockets; others, such as AF_ALG and AF_VSOCK, are refused.
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
#: A filter can't read the flags of clone3, which are in memory. Without it, C libraries use clone.
_CLONE, _CLONE3, _SOCKET, _SOCKETPAIR = 56, 435, 41, 53
#: All flags CLONE_NEW…, which create namespaces.
NAMESPACES = 0x7E020000
#: The architecture x86-64 in the kernel's audit data. Calls of 32-bit programs have another, and other numbers.
ARCHITECTURE = 0xC000003E

#: Instructions of classic BPF, and the offsets of what they load (struct seccomp_data).
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000

_Instruction = tuple[int, int, int, int]


def program() -> bytes:
    """Return the filter as instructions of classic BPF."""
    namespaces = [(_IF_ANY_BIT, 0, 1, NAMESPACES), _refuse(errno.EPERM)]
    families = [(_IF_EQUAL, len(FAMILIES) - place, 0, int(family)) for place, family in enumerate(FAMILIES)]
    families.append(_refuse(errno.EPERM))
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, ARCHITECTURE),
        _refuse(errno.EPERM),
        (_LOAD, 0, 0, _NUMBER),
        *_when(_IF_AT_LEAST, FIRST_UNKNOWN, errno.ENOSYS),
        *_when(_IF_EQUAL, _CLONE3, errno.ENOSYS),
        *_judge_first_argument(_CLONE, namespaces),
        *_judge_first_argument(_SOCKET, families),
        *_judge_first_argument(_SOCKETPAIR, families),
        *(instruction for number in REFUSED.values() for instruction in _when(_IF_EQUAL, number, errno.EPERM)),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)


def _refuse(error: int) -> _Instruction:
    return (_RETURN, 0, 0, _ERROR | error)


def _when(condition: int, value: int, error: int) -> list[_Instruction]:
    """Return the error when the condition holds for the loaded word; otherwise continue."""
    return [(condition, 0, 1, value), _refuse(error)]


def _judge_first_argument(call: int, judge: list[_Instruction]) -> list[_Instruction]:
    """Run the instructions of ``judge`` on a call's first argument: they return an error, or continue at their end."""
    load = [(_LOAD, 0, 0, _FIRST_ARGUMENT), *judge, (_LOAD, 0, 0, _NUMBER)]
    return [(_IF_EQUAL, 0, len(load), call), *load]


def execute(command: list[str]) -> NoReturn:
    """Execute bubblewrap in place of this process, with an open file that contains the filter."""
    file = os.memfd_create("filter", 0)
    os.write(file, program())
    os.lseek(file, 0, os.SEEK_SET)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these, which the command would inherit
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], [command[0], "--seccomp", str(file), *command[1:]])
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    execute(sys.argv[1:])
