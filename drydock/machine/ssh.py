"""The command lines of OpenSSH's ssh and scp for a machine, with the keys that were made at its start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drydock.core.command import require
from drydock.errors import BadSetting
from drydock.machine.machine import Machine


def ssh_command(machine: Machine, command: Sequence[str] = ()) -> list[str]:
    """Return the ``ssh`` command line that opens a shell in the machine, or runs ``command`` there."""
    program = require(["ssh"], "open a shell in a machine")["ssh"]
    return [program, *_options(machine), "-p", str(machine.ssh_port()), "root@127.0.0.1", *command]


def scp_command(paths: Sequence[str], *, recursive: bool = False) -> list[str]:
    """Return the ``scp`` command line for these paths, of which some are ``NAME:path``, all on one machine."""
    program = require(["scp"], "copy files to a machine")["scp"]
    names = sorted({name for name, _ in map(_split, paths) if name})
    if len(names) != 1:
        named = f"{len(names)} machines: {', '.join(names)}" if names else "no machine"
        raise BadSetting(
            f"scp copies between this computer and one machine, but these paths name {named}.",
            "Write a path in the machine as NAME:path, for example: drydock machine scp notes.txt default:/root/",
        )
    machine = Machine(names[0])
    targets = [f"root@127.0.0.1:{path}" if name else path for name, path in map(_split, paths)]
    return [program, *_options(machine), "-P", str(machine.ssh_port()), *(["-r"] if recursive else []), *targets]


def _options(machine: Machine) -> list[str]:
    folder = machine.folder / "ssh"
    return [
        "-F", "none",
        "-o", f"IdentityFile={_escaped(folder / 'id_ed25519')}",
        "-o", "IdentitiesOnly=yes",
        "-o", f"UserKnownHostsFile={_escaped(folder / 'known_hosts')}",
        "-o", f"HostKeyAlias={machine.name}",
        "-o", "StrictHostKeyChecking=yes",
        "-o", "LogLevel=ERROR",
    ]  # fmt: skip


def _escaped(file: Path) -> str:
    """Return a path as an option of ssh, which splits it at spaces and replaces what follows a percent sign."""
    return '"' + str(file).replace("%", "%%") + '"'


def _split(path: str) -> tuple[str, str]:
    """Split ``NAME:path``; the name is empty for a path of this computer.

    As in scp, a path with a slash before the colon, or one that exists, is a path of this computer.
    """
    name, colon, rest = path.partition(":")
    if not colon or "/" in name or Path(path).exists():
        return "", path
    return name, rest
