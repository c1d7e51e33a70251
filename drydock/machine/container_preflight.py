"""Before a container of a machine starts: its ports are free on this computer, and its folders are shared.

The machine's daemon knows its own ports and folders only. It starts a container whose port belongs to a program of this
computer, and it mounts an empty folder where one is not shared. This module imports no library, because the docker
command of lessons runs without site packages.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from drydock.core.waiting import wait_for
from drydock.errors import DrydockError, FolderNotShared, PortTaken, SettingsDamaged, TimedOut
from drydock.machine.host import port_process

#: A protocol, ``tcp`` or ``udp``, and the number of a port of this computer.
Port = tuple[str, int]
LAST_PORT = 65_535

#: Folders that a container gets from the machine, as from any other daemon's computer.
_OWN = tuple("/bin /boot /dev /etc /lib /lib64 /proc /run /sbin /sys /usr /var/lib/docker /var/run".split())
_OWN_ITSELF = ("/", "/var")
#: The addresses in a container's configuration for which a machine uses this computer's 127.0.0.1.
_ON_LOOPBACK = (None, "", "0.0.0.0", "127.0.0.1")
#: A port may be busy for a moment after its container is gone, and its forward takes a moment to appear; seconds.
_RELEASE_SECONDS, _FORWARD_SECONDS = 0.5, 2.0


def machine_folder(certificates: str | Path | None) -> Path | None:
    """Return the instance folder of the machine with these client certificates; None for another daemon's."""
    if not certificates or Path(certificates).name != "tls":
        return None
    folder = Path(certificates).parent
    return folder if (folder / "settings.json").is_file() else None


def check(folder: Path, ports: Iterable[Port], sources: Iterable[str]) -> None:
    """Raise the error for a port that a program of this computer has, or for a path that is not shared.

    ``folder`` is the machine's instance folder; ``sources`` are the full paths that a container asks to mount.
    """
    settings = _settings(folder / "settings.json")
    for source in sources:
        # Not as Python normalizes it, which keeps two slashes at the start.
        _check_share(os.path.normpath("/" + source.lstrip("/")), settings["shares"])
    for protocol, port in ports if settings["publish"] else ():
        _check_port(folder, protocol, port)


def check_config(folder: Path, config: dict[str, Any]) -> None:
    """Check a container's ``HostConfig`` like :func:`check`."""
    check(folder, bound_ports(config), _mounted(config))


def bound_ports(config: dict[str, Any]) -> list[Port]:
    """Return the ports of this computer's 127.0.0.1 that a container's ``HostConfig`` names."""
    ports = []
    for name, bindings in (config.get("PortBindings") or {}).items():
        protocol = name.partition("/")[2] or "tcp"
        for binding in bindings or ():
            number = str(binding.get("HostPort") or "")
            if is_port(number) and binding.get("HostIp") in _ON_LOOPBACK and protocol != "sctp":
                ports.append((protocol, int(number)))
    return ports


def is_port(number: str) -> bool:
    """Return whether a text is the number of a port; another number is docker's to report, and 0 asks for any port."""
    return re.fullmatch("0*[1-9][0-9]{0,4}", number) is not None and int(number) <= LAST_PORT


def conflicts(folder: Path, published: Iterable[int], address: str | None = None) -> list[PortTaken]:
    """Return an error for each published port that the machine can't forward, because this computer uses it.

    ``address``: only for ports on this loopback address.
    """
    expected = set(published)
    with suppress(TimedOut):  # a port that is never forwarded, such as one of an address of the machine's network
        wait_for(lambda: expected <= {row["port"] for row in _table(folder)}, "forwards", seconds=_FORWARD_SECONDS)
    rows = [row for row in _table(folder) if row["state"] == "conflict" and row["port"] in expected]
    return [_taken(row["protocol"], row["port"], row["address"]) for row in rows if address in (None, row["address"])]


def _settings(file: Path) -> dict[str, Any]:
    """Return the two settings that count here; to import :class:`Settings` takes longer than the rest of a check."""
    try:
        settings: dict[str, Any] = json.loads(file.read_bytes())
        return {"shares": list(settings["shares"]), "publish": settings.get("publish", True)}
    except (ValueError, TypeError, LookupError) as error:
        raise SettingsDamaged(file, repr(error)) from None


def _check_share(source: str, shares: list[str]) -> None:
    if source in _OWN_ITSELF or _is_below(source, [*_OWN, *shares]):
        return
    real = os.path.realpath(source)
    raise FolderNotShared(source, shares, real if _is_below(real, shares) else None)


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _check_port(folder: Path, protocol: str, port: int) -> None:
    try:
        wait_for(
            lambda: _is_free(protocol, port) or _is_forwarded(folder, protocol, port),
            f"port {port} to be free",
            seconds=_RELEASE_SECONDS,
        )
    except TimedOut:
        raise _taken(protocol, port) from None


def _taken(protocol: str, port: int, address: str = "127.0.0.1") -> PortTaken:
    return PortTaken(port, protocol, port_process.program_on(port, protocol), address=address)


def _is_free(protocol: str, port: int) -> bool:
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as probe:
        if protocol != "udp":  # connections that have just ended do no harm
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def _is_forwarded(folder: Path, protocol: str, port: int) -> bool:
    """Return whether the port is this machine's own: then its daemon reports the container that has it."""
    row = {"address": "127.0.0.1", "port": port, "protocol": protocol, "state": "open"}
    return any(row.items() <= entry.items() for entry in _table(folder))


def _table(folder: Path) -> list[dict[str, Any]]:
    """Return the machine's forwarded ports; none if it doesn't answer, which the docker command reports itself."""
    from drydock.machine.supervisor import rpc  # only here: it takes as long to import as the rest of this

    try:
        sockets = json.loads((folder / "state.json").read_text())["sockets"]
        table: list[dict[str, Any]] = rpc.call(Path(sockets, rpc.SOCKET), "ports")
    except (OSError, KeyError, ValueError, DrydockError):
        return []
    return table


def _mounted(config: dict[str, Any]) -> list[str]:
    # Without a source, as in volumes=["/data"], it is a volume without a name.
    binds = [bind.partition(":")[0] for bind in config.get("Binds") or () if ":" in bind]
    mounts = [mount.get("Source") or "" for mount in config.get("Mounts") or () if mount.get("Type") == "bind"]
    return [source for source in [*binds, *mounts] if source.startswith("/")]
