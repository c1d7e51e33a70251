"""What each verb of ``drydock machine`` does: a function of the parsed options that returns the exit code."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict

from drydock.core import platform
from drydock.errors import NoMachine
from drydock.machine import ssh
from drydock.machine.machine import Machine, Status


def _say(line: str) -> None:
    print(line, flush=True)


def build(options: argparse.Namespace) -> int:
    """Build the parts of machines, or take them from a bundle."""
    from drydock.machine.artifacts import bundle, machine_build

    parts = bundle.install(options.source) if options.source else machine_build.find_or_build(options.kernel, again=options.again)
    _say(f"Ready: {parts.kernel.folder.name}, {parts.base.name}")
    return 0


def export(options: argparse.Namespace) -> int:
    """Write a bundle of the parts."""
    from drydock.machine.artifacts import bundle

    bundle.export(options.file)
    _say(f"{options.file}: {options.file.stat().st_size / 1e6:.0f} MB. Elsewhere: drydock machine build --from FILE")
    return 0


def start(options: argparse.Namespace) -> int:
    """Boot a machine."""
    machine = Machine(
        options.name, memory_mb=options.memory, disk_gb=options.disk, cpu=options.cpu, shares=options.share
    )
    if machine.start():
        name = "" if options.name == platform.DEFAULT_MACHINE else f" {options.name}"
        _say(f'The machine {options.name} is up. To use it here: eval "$(drydock machine env{name})"')
    else:
        _say(f"The machine {options.name} was running already.")
    return 0


def stop(options: argparse.Namespace) -> int:
    """Halt a machine; its disk stays."""
    machine = Machine(options.name)
    machine.status()
    _say(f"The machine {options.name} " + ("has stopped." if machine.stop() else "was not running."))
    return 0


def remove(options: argparse.Namespace) -> int:
    """Halt a machine and remove its disk."""
    Machine(options.name).remove()
    _say(f"The machine {options.name} is gone.")
    return 0


def upgrade(options: argparse.Namespace) -> int:
    """Move a machine to the newest parts."""
    _say(Machine(options.name).upgrade(fresh_disk=options.fresh_disk))
    return 0


def list_machines(options: argparse.Namespace) -> int:
    """Print a table of the machines."""
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "state", "endpoint", "memory", "disk", box=None, pad_edge=False)
    for status in _statuses():
        state = "running" if status.running else "stopped"
        table.add_row(status.name, state, status.endpoint or "-", f"{status.memory_mb} MB", f"{status.disk_gb} GB")
    Console(highlight=False).print(table)
    return 0


def _statuses() -> Iterator[Status]:
    for machine in Machine.all():
        with suppress(NoMachine, FileNotFoundError):  # a temporary one may go while we look
            yield machine.status()


def status(options: argparse.Namespace) -> int:
    """Print what is known of a machine."""
    known = Machine(options.name).status()
    if options.json:
        print(json.dumps(asdict(known)))
    else:
        _show(known)
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


def env(options: argparse.Namespace) -> int:
    """Print the shell lines that point a shell at a machine."""
    from drydock.machine.artifacts import docker_cli

    variables = Machine(options.name).endpoint.environment() | docker_cli.environment()
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f'# Run this to use the machine here: eval "$(drydock machine env {options.name})"')
    return 0


def ip(options: argparse.Namespace) -> int:
    """Print the address of the machine's published ports."""
    Machine(options.name).endpoint  # noqa: B018 (raises when there is none)
    print("127.0.0.1")
    return 0


def run_ssh(options: argparse.Namespace) -> int:
    """Run a shell or a command in a machine; the exit code is its."""
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    return subprocess.run(ssh.ssh_command(Machine(options.name), command), check=False).returncode


def run_scp(options: argparse.Namespace) -> int:
    """Copy files to or from a machine."""
    return subprocess.run(ssh.scp_command(options.paths, recursive=options.recursive), check=False).returncode


def measure(options: argparse.Namespace) -> int:
    """Measure a new machine beside the computer's own daemon."""
    from rich.console import Console

    from drydock.machine import bench

    figures = bench.bench(options.rounds, all_daemons=options.all)
    if options.json:
        print(json.dumps(figures))
    else:
        bench.show(figures, Console(highlight=False))
    return 0
