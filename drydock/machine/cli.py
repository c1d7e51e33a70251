"""``drydock machine …``: a thin layer over :class:`~drydock.machine.Machine`, with the verbs of docker-machine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from drydock.core import platform

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: The names in :data:`drydock.machine.artifacts.kernel_source.SOURCES`; a test compares.
KERNELS = ("compiled", "debian")
#: Where each verb's function is: imported when it is called, so that the parser does without what a verb needs.
_COMMANDS = "drydock.machine.commands"


def add_machine_commands(subparsers: Subparsers) -> None:
    """Mount ``machine`` and its verbs; each sets ``run`` to the ``module:function`` that does it."""
    parser = subparsers.add_parser("machine", help="a Docker daemon as an ordinary process", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_life(verbs)
    _add_looks(verbs)
    _add_ways_in(verbs)


def _verb(verbs: Subparsers, name: str, help: str, run: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=help, description=help)
    parser.set_defaults(run=f"{_COMMANDS}:{run}")
    return parser


def _named(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument(
        "name", nargs="?", default=platform.DEFAULT_MACHINE, metavar="NAME", help="which machine (%(default)s)"
    )
    return parser


def _add_life(verbs: Subparsers) -> None:
    making = _verb(verbs, "build", "build what machines are made of, unless it is built", "build")
    making.add_argument("--kernel", choices=KERNELS, help="where the kernel is from")
    making.add_argument("--from", dest="source", metavar="FILE|URL", help="take them from a bundle instead")
    making.add_argument("--again", action="store_true", help="from scratch, even when it is built")
    _verb(verbs, "export", "write what machines are made of to one file", "export").add_argument("file", type=Path)
    start = _named(_verb(verbs, "start", "boot a machine, making it if it is new", "start"))
    start.add_argument("--memory", type=int, metavar="MB", help="its memory in MB (1024, or what is left of it)")
    start.add_argument("--disk", type=int, metavar="GB", help="its disk in GB (8); it can grow, not shrink")
    start.add_argument("--cpu", type=int, metavar="N", help="the CPU it stays on (default: the least used)")
    start.add_argument("--share", action="append", default=[], metavar="DIR", help="a folder it sees too, same path")
    _named(_verb(verbs, "stop", "halt a machine; its disk stays", "stop"))
    _named(_verb(verbs, "rm", "stop a machine and throw away its disk", "remove"))
    upgrade = _named(_verb(verbs, "upgrade", "move a machine to the newest kernel", "upgrade"))
    upgrade.add_argument(
        "--fresh-disk", action="store_true", help="to the newest disk too: containers and images on it are lost"
    )


def _add_looks(verbs: Subparsers) -> None:
    _verb(verbs, "ls", "list the machines", "list_machines")
    status = _named(_verb(verbs, "status", "what is known of a machine", "status"))
    status.add_argument("--json", action="store_true", help="as JSON")
    _named(_verb(verbs, "env", "shell lines to use it", "env"))
    _named(_verb(verbs, "ip", "the address at which its published ports are", "ip"))
    parser = _verb(verbs, "bench", "measure a fresh machine beside this computer's own daemon", "measure")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="on both kernels, and in QEMU where it is installed")


def _add_ways_in(verbs: Subparsers) -> None:
    shell = _named(_verb(verbs, "ssh", "a shell in a machine, or one command there", "run_ssh"))
    shell.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="what to run there")
    copy = _verb(verbs, "scp", "copy files to or from a machine: NAME:path", "run_scp")
    copy.add_argument("-r", dest="recursive", action="store_true", help="whole folders")
    copy.add_argument("paths", nargs="+", metavar="PATH", help="sources and target, as for scp")
