"""Real OpenSSH into a machine, with the keys made for it at its start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drydock.core.command import require
from drydock.errors import BadSetting
from drydock.machine.machine import Machine


def ssh_command(machine: Machine, command: Sequence[str] = ()) -> list[str]:
    """The ``ssh`` command line that opens a shell in the machine, or runs ``command`` there."""
    program = require(["ssh"], "open a shell in a machine")["ssh"]
    return [program, *_options(machine), "-p", str(machine.ssh_port()), "root@127.0.0.1", *command]


def scp_command(paths: Sequence[str], *, recursive: bool = False) -> list[str]:
    """The ``scp`` command line for paths of which some are ``MACHINE:path``, all on one machine."""
    program = require(["scp"], "copy files to a machine")["scp"]
    names = sorted({name for name, _ in map(_split, paths) if name})
    if len(names) != 1:
        named = f"name {len(names)}: {', '.join(names)}" if names else "name none"
        raise BadSetting(
            f"scp copies between this computer and one machine, and these paths {named}.",
            "write the machine's path as NAME:path, for example: drydock machine scp notes.txt default:/root/",
        )
    machine = Machine(names[0])
    places = [f"root@127.0.0.1:{path}" if name else path for name, path in map(_split, paths)]
    return [program, *_options(machine), "-P", str(machine.ssh_port()), *(["-r"] if recursive else []), *places]


def _options(machine: Machine) -> list[str]:
    folder = machine.folder / "ssh"
    return [
        "-F", "none",
        "-i", str(folder / "id_ed25519"),
        "-o", "IdentitiesOnly=yes",
        "-o", f"UserKnownHostsFile={folder / 'known_hosts'}",
        "-o", f"HostKeyAlias={machine.name}",
        "-o", "StrictHostKeyChecking=yes",
        "-o", "LogLevel=ERROR",
    ]  # fmt: skip


def _split(path: str) -> tuple[str, str]:
    """``name:path`` apart; a path of this computer has no name. As scp does, a slash before the colon means a path."""
    name, colon, rest = path.partition(":")
    if not colon or "/" in name or Path(path).exists():
        return "", path
    return name, rest
