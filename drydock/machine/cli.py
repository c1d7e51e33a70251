"""``drydock machine …``: a thin layer over :class:`~drydock.machine.Machine`, with the verbs of docker-machine."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from drydock.errors import NoMachine
from drydock.machine import bench, ssh
from drydock.machine.artifacts import bundle, docker_cli, kernel_source, machine_build
from drydock.machine.machine import Machine, Status

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_DEFAULT = "default"
_out = Console(highlight=False)


def add_machine_commands(subparsers: Subparsers) -> None:
    """Mount ``machine`` and its verbs; each sets ``run``, a function of the parsed options that gives the exit code."""
    parser = subparsers.add_parser("machine", help="a Docker daemon as an ordinary process", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_life(verbs)
    _add_looks(verbs)
    _add_ways_in(verbs)


def _verb(verbs: Subparsers, name: str, help: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=help, description=help)
    parser.set_defaults(run=run)
    return parser


def _named(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("name", nargs="?", default=_DEFAULT, metavar="NAME", help="which machine (%(default)s)")
    return parser


def _add_life(verbs: Subparsers) -> None:
    making = _verb(verbs, "build", "build what machines are made of, unless it is built", _build)
    making.add_argument("--kernel", choices=sorted(kernel_source.SOURCES), help="where the kernel is from")
    making.add_argument("--from", dest="source", metavar="FILE|URL", help="take them from a bundle instead")
    making.add_argument("--again", action="store_true", help="from scratch, even when it is built")
    _verb(verbs, "export", "write what machines are made of to one file", _export).add_argument("file", type=Path)
    start = _named(_verb(verbs, "start", "boot a machine, making it if it is new", _start))
    start.add_argument("--memory", type=int, metavar="MB", help="its memory in MB (1024, or what is left of it)")
    start.add_argument("--disk", type=int, metavar="GB", help="its disk in GB (8); it can grow, not shrink")
    start.add_argument("--cpu", type=int, metavar="N", help="the CPU it stays on (default: the least used)")
    start.add_argument("--share", action="append", default=[], metavar="DIR", help="a folder it sees too, same path")
    _named(_verb(verbs, "stop", "halt a machine; its disk stays", _stop))
    _named(_verb(verbs, "rm", "stop a machine and throw away its disk", _remove))
    upgrade = _named(_verb(verbs, "upgrade", "move a machine to the newest kernel", _upgrade))
    upgrade.add_argument(
        "--fresh-disk", action="store_true", help="to the newest disk too: containers and images on it are lost"
    )


def _add_looks(verbs: Subparsers) -> None:
    _verb(verbs, "ls", "list the machines", _list)
    for name, help, run in (("status", "what is known of a machine", _status), ("env", "shell lines to use it", _env)):
        parser = _named(_verb(verbs, name, help, run))
        if name == "status":
            parser.add_argument("--json", action="store_true", help="as JSON")
    _named(_verb(verbs, "ip", "the address at which its published ports are", _ip))
    parser = _verb(verbs, "bench", "measure a fresh machine beside this computer's own daemon", _bench)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="on both kernels, and in QEMU where it is installed")


def _add_ways_in(verbs: Subparsers) -> None:
    shell = _verb(verbs, "ssh", "a shell in a machine, or one command there", _ssh)
    shell.add_argument("name", nargs="?", default=_DEFAULT, metavar="NAME", help="which machine (%(default)s)")
    shell.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="what to run there")
    copy = _verb(verbs, "scp", "copy files to or from a machine: NAME:path", _scp)
    copy.add_argument("-r", dest="recursive", action="store_true", help="whole folders")
    copy.add_argument("paths", nargs="+", metavar="PATH", help="sources and target, as for scp")


def _say(line: str) -> None:
    _out.print(line, markup=False, soft_wrap=True)


def _build(options: argparse.Namespace) -> int:
    parts = bundle.take(options.source) if options.source else machine_build.build(options.kernel, again=options.again)
    _say(f"Ready: {parts.kernel.program.parent.name}, {parts.base.name}")
    return 0


def _export(options: argparse.Namespace) -> int:
    bundle.export(options.file)
    _say(f"{options.file}: {options.file.stat().st_size / 1e6:.0f} MB. Elsewhere: drydock machine build --from FILE")
    return 0


def _start(options: argparse.Namespace) -> int:
    machine = Machine(
        options.name, memory_mb=options.memory, disk_gb=options.disk, cpu=options.cpu, shares=options.share
    )
    if machine.start():
        name = "" if options.name == _DEFAULT else f" {options.name}"
        _say(f'The machine {options.name} is up. To use it here: eval "$(drydock machine env{name})"')
    else:
        _say(f"The machine {options.name} was running already.")
    return 0


def _stop(options: argparse.Namespace) -> int:
    machine = Machine(options.name)
    machine.status()
    _say(f"The machine {options.name} " + ("has stopped." if machine.stop() else "was not running."))
    return 0


def _remove(options: argparse.Namespace) -> int:
    Machine(options.name).remove()
    _say(f"The machine {options.name} is gone.")
    return 0


def _upgrade(options: argparse.Namespace) -> int:
    _say(Machine(options.name).upgrade(fresh_disk=options.fresh_disk))
    return 0


def _list(options: argparse.Namespace) -> int:
    table = Table("name", "state", "endpoint", "memory", "disk", box=None, pad_edge=False)
    for status in _statuses():
        state = "running" if status.running else "stopped"
        table.add_row(status.name, state, status.endpoint or "-", f"{status.memory_mb} MB", f"{status.disk_gb} GB")
    _out.print(table)
    return 0


def _statuses() -> Iterator[Status]:
    for machine in Machine.all():
        with suppress(NoMachine, FileNotFoundError):  # a temporary one may go while we look
            yield machine.status()


def _status(options: argparse.Namespace) -> int:
    status = Machine(options.name).status()
    if options.json:
        print(json.dumps(asdict(status)))
    else:
        _show(status)
    return 0


def _show(status: Status) -> None:
    _say(f"{status.name}: {'running' if status.running else 'stopped'}")
    if status.why:
        _say(f"  ended   {status.why}")
    if status.endpoint:
        _say(f"  docker  {status.endpoint} (TLS)\n  cpu     {status.cpu}")
    _say(f"  memory  {status.memory_mb} MB\n  disk    {status.disk_gb} GB")
    for share in status.shares:
        _say(f"  shares  {share}")
    for port in status.ports:
        where = f"{port['port']}/{port['protocol']}"
        if port["state"] == "open":
            _say(f"  port    127.0.0.1:{where}")
        else:
            _say(f"  port    {where}: CONFLICT\n{port['why']}")


def _env(options: argparse.Namespace) -> int:
    variables = Machine(options.name).endpoint.environment() | docker_cli.environment()
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f'# Run this to use the machine here: eval "$(drydock machine env {options.name})"')
    return 0


def _ip(options: argparse.Namespace) -> int:
    Machine(options.name).endpoint  # noqa: B018 (raises when there is none)
    print("127.0.0.1")
    return 0


def _ssh(options: argparse.Namespace) -> int:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    return subprocess.run(ssh.ssh_command(Machine(options.name), command), check=False).returncode


def _scp(options: argparse.Namespace) -> int:
    return subprocess.run(ssh.scp_command(options.paths, recursive=options.recursive), check=False).returncode


def _bench(options: argparse.Namespace) -> int:
    figures = bench.bench(options.rounds, everybody=options.all)
    if options.json:
        print(json.dumps(figures))
    else:
        bench.show(figures, _out)
    return 0
