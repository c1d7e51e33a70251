"""The verbs of ``drydock machine``: functions that take the parsed options and return the exit code."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
from contextlib import suppress
from dataclasses import asdict

from drydock.core import platform
from drydock.core.socket_address import before_port
from drydock.errors import NoMachine, SettingsDamaged
from drydock.machine import ssh
from drydock.machine.machine import Machine, Status


def _print(line: str) -> None:
    print(line, flush=True)


def build(options: argparse.Namespace) -> int:
    """Build the artifacts of machines, or install them from a bundle."""
    from drydock.machine.artifacts import bundle, machine_build

    if options.source:
        artifacts = bundle.install(options.source)
    else:
        artifacts = machine_build.find_or_build(options.kernel, again=options.again)
    _print(f"In the cache: {artifacts.kernel.folder.name}, {artifacts.base.name}")
    return 0


def export(options: argparse.Namespace) -> int:
    """Write a bundle of the artifacts and the programs."""
    from drydock.machine.artifacts import bundle

    bundle.export(options.file, programs=options.programs)
    megabytes = options.file.stat().st_size / 1e6
    _print(f"Wrote {options.file} ({megabytes:.0f} MB). On another computer: drydock machine build --from FILE")
    return 0


def start(options: argparse.Namespace) -> int:
    """Start a machine."""
    machine = Machine(
        options.name, memory_mb=options.memory, disk_gb=options.disk, cpu=options.cpu, shares=options.share
    )
    if machine.start():
        name = "" if options.name == platform.DEFAULT_MACHINE else f" {options.name}"
        _print(f'The machine {options.name} is running. To use it in this shell: eval "$(drydock machine env{name})"')
    else:
        _print(f"The machine {options.name} was already running.")
        for folder in options.share:
            machine.share(folder)
            _print(f"It shares {folder} from now on.")
    return 0


def stop(options: argparse.Namespace) -> int:
    """Stop a machine; its disk is kept."""
    machine = Machine(options.name)
    machine.status()
    _print(f"The machine {options.name} " + ("has stopped." if machine.stop() else "was not running."))
    return 0


def remove(options: argparse.Namespace) -> int:
    """Stop a machine and remove it with its disk."""
    Machine(options.name).remove()
    _print(f"The machine {options.name} was removed.")
    return 0


def upgrade(options: argparse.Namespace) -> int:
    """Stop a machine and switch to the newest artifacts."""
    _print(Machine(options.name).upgrade(fresh_disk=options.fresh_disk))
    return 0


def list_machines(options: argparse.Namespace) -> int:
    """Print a table of the machines."""
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "state", "endpoint", "memory", "disk", box=None, pad_edge=False)
    for machine in Machine.all():
        with suppress(NoMachine, FileNotFoundError):  # a temporary machine may end in the meantime
            table.add_row(machine.name, *_columns(machine))
    Console(highlight=False).print(table)
    return 0


def _columns(machine: Machine) -> tuple[str, str, str, str]:
    """Return the columns after the name; ``drydock machine status`` prints why a machine's settings can't be read."""
    try:
        status = machine.status()
    except SettingsDamaged:
        return "damaged", "-", "-", "-"
    state = "running" if status.running else "stopped"
    return state, status.endpoint or "-", f"{status.memory_mb} MB", f"{status.disk_gb} GB"


def status(options: argparse.Namespace) -> int:
    """Print a machine's state."""
    status = Machine(options.name).status()
    if options.json:
        print(json.dumps(asdict(status)))
    else:
        _print_status(status)
    return 0


def _print_status(status: Status) -> None:
    _print(f"{status.name}: {'running' if status.running else 'stopped'}")
    if status.why:
        _print(f"  ended   {status.why}")
    if status.endpoint:
        _print(f"  docker  {status.endpoint} (TLS)\n  cpu     {status.cpu}")
    _print(f"  memory  {status.memory_mb} MB\n  disk    {status.disk_gb} GB")
    for share in status.shares:
        _print(f"  shares  {share}")
    for port in status.ports:
        name = f"{before_port(port['address'])}:{port['port']}/{port['protocol']}"
        _print(f"  port    {name}" if port["state"] == "open" else f"  port    {name}: {port['state']}\n{port['why']}")


def env(options: argparse.Namespace) -> int:
    """Print the commands that configure a shell to use a machine's daemon."""
    from drydock.machine.artifacts import docker_cli

    machine = Machine(options.name)
    endpoint = machine.instance.socket_endpoint if options.socket else machine.endpoint
    if options.socket:  # with these variables, tools would speak TLS on the socket, too
        print("unset DOCKER_TLS_VERIFY DOCKER_CERT_PATH")
    for name, value in (endpoint.environment() | docker_cli.environment()).items():
        print(f"export {name}={shlex.quote(value)}")
    arguments = f"--socket {options.name}" if options.socket else options.name
    print(f'# Run this command to configure your shell: eval "$(drydock machine env {arguments})"')
    return 0


def ip(options: argparse.Namespace) -> int:
    """Print the address of the machine's published ports."""
    Machine(options.name).endpoint  # noqa: B018 (raises an error if it does not run)
    print("127.0.0.1")
    return 0


def run_ssh(options: argparse.Namespace) -> int:
    """Run a shell or a command in a machine, and return its exit code."""
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    return subprocess.run(ssh.ssh_command(Machine(options.name), command), check=False).returncode


def run_scp(options: argparse.Namespace) -> int:
    """Copy files to or from a machine."""
    return subprocess.run(ssh.scp_command(options.paths, recursive=options.recursive), check=False).returncode


def measure(options: argparse.Namespace) -> int:
    """Measure a new machine beside this computer's own daemon."""
    from rich.console import Console

    from drydock.machine import bench

    figures = bench.bench(options.rounds, all_daemons=options.all)
    if options.json:
        print(json.dumps(figures))
    else:
        bench.show(figures, Console(highlight=False))
    return 0
