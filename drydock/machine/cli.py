"""The parser of ``drydock machine …``, whose verbs are those of docker-machine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from drydock.core import platform

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: The names in :data:`drydock.machine.artifacts.kernel_source.SOURCES`; a test compares them.
KERNELS = ("compiled", "debian")
#: The module with each verb's function. It is imported when a verb runs, so that the parser alone starts fast.
_COMMANDS = "drydock.machine.commands"
_DESCRIPTION = "A Drydock machine is a Linux kernel with a Docker daemon that runs as an ordinary process."


def add_machine_commands(subparsers: Subparsers) -> None:
    """Add ``machine`` and its verbs; each sets ``run`` to its function as ``module:function``."""
    parser = subparsers.add_parser(
        "machine", help="Docker daemons that run as ordinary processes", description=_DESCRIPTION
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_artifact_verbs(verbs)
    _add_lifecycle_verbs(verbs)
    _add_information_verbs(verbs)
    _add_access_verbs(verbs)


def _verb(verbs: Subparsers, name: str, help: str, run: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    parser.set_defaults(run=f"{_COMMANDS}:{run}")
    return parser


def _named(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    default = platform.DEFAULT_MACHINE
    parser.add_argument("name", nargs="?", default=default, metavar="NAME", help="the machine (default: %(default)s)")
    return parser


def _add_artifact_verbs(verbs: Subparsers) -> None:
    build = _verb(verbs, "build", "build the kernel and the base disk, unless they are in the cache", "build")
    build.add_argument("--kernel", choices=KERNELS, help="the kernel: Debian's, or one that is compiled here")
    build.add_argument("--from", dest="source", metavar="FILE|URL", help="install them from a bundle instead")
    build.add_argument("--again", action="store_true", help="build them again, even if they are in the cache")
    export = _verb(verbs, "export", "write a machine's files and programs to a bundle, for other computers", "export")
    export.add_argument("file", type=Path, metavar="FILE", help="the bundle")
    export.add_argument(
        "--no-programs", dest="programs", action="store_false", help="for computers that have slirp4netns themselves"
    )


def _add_lifecycle_verbs(verbs: Subparsers) -> None:
    start = _named(_verb(verbs, "start", "start a machine; create it if it does not exist", "start"))
    start.add_argument("--memory", type=int, metavar="MB", help="memory (default: 1024, or what is available)")
    start.add_argument("--disk", type=int, metavar="GB", help="size of the disk (default: 8); it can grow, not shrink")
    start.add_argument("--cpu", type=int, metavar="N", help="the CPU to pin it to (default: the least used)")
    start.add_argument(
        "--share", action="append", default=[], metavar="DIR", help="a folder to mount in it under the same path"
    )
    _named(_verb(verbs, "stop", "stop a machine; its disk is kept", "stop"))
    _named(_verb(verbs, "rm", "stop a machine and remove it with its disk", "remove"))
    upgrade = _named(_verb(verbs, "upgrade", "stop a machine and switch to the newest kernel", "upgrade"))
    upgrade.add_argument(
        "--fresh-disk", action="store_true", help="use the newest base disk, too; all data on the old disk are lost"
    )


def _add_information_verbs(verbs: Subparsers) -> None:
    _verb(verbs, "ls", "list the machines", "list_machines")
    status = _named(_verb(verbs, "status", "show a machine's state, settings and forwarded ports", "status"))
    status.add_argument("--json", action="store_true", help="print JSON")
    env = _named(_verb(verbs, "env", "print the commands that configure a shell to use a machine", "env"))
    env.add_argument("--socket", action="store_true", help="use the machine's Unix socket in place of TLS")
    _named(_verb(verbs, "ip", "print the address of a machine's published ports", "ip"))
    bench = _verb(verbs, "bench", "measure a new machine beside this computer's own Docker daemon", "measure")
    bench.add_argument("--json", action="store_true", help="print JSON")
    bench.add_argument("--rounds", type=int, default=5, metavar="N", help="number of rounds (default: %(default)s)")
    bench.add_argument("--all", action="store_true", help="measure both kernels, and QEMU if it is installed")


def _add_access_verbs(verbs: Subparsers) -> None:
    shell = _named(_verb(verbs, "ssh", "open a shell in a machine, or run a command there", "run_ssh"))
    shell.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="the command (default: a shell)")
    copy = _verb(verbs, "scp", "copy files to or from a machine", "run_scp")
    copy.add_argument("-r", dest="recursive", action="store_true", help="copy folders with their content")
    copy.add_argument("paths", nargs="+", metavar="PATH", help="sources and target; NAME:path is a path in a machine")
