"""A machine's settings, and the folder that they are stored in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from drydock.core import files
from drydock.core.paths import data_folder
from drydock.errors import BadName, SettingsDamaged

#: The size of a base disk's file system, and the largest size that a machine may request; GB.
BASE_GB = 8
MAX_GB = 32
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
#: Fields that have another name in a ``settings.json`` of an earlier version, with their present names.
_RENAMED = {"memory_asked": "memory_requested"}


@dataclass(frozen=True)
class Settings:
    """One machine's settings. Sizes: ``memory_mb`` in MB, ``disk_gb`` in GB."""

    name: str
    memory_mb: int = 1024
    #: Whether the user requested that memory; otherwise each start uses the default or what is available.
    memory_requested: bool = False
    disk_gb: int = BASE_GB
    #: The CPU that the machine is pinned to; None for the least used one at each start.
    cpu: int | None = None
    #: Folders of this computer that the machine mounts under the same path.
    shares: tuple[str, ...] = ()
    #: Whether ports that containers publish are forwarded to this computer automatically.
    publish: bool = True
    #: Whether the disk is deleted when the machine stops.
    temporary: bool = False
    #: Whether the code in the machine is trusted not to attack the machine's kernel; some kernels are then faster.
    trusted: bool = True
    #: Whether the machine's processes are isolated and have no network: for a temporary machine with untrusted code.
    confined: bool = False
    #: The name of the isolation backend of a confined machine; see :mod:`drydock.machine.isolation.backends`.
    isolation: str = ""
    #: The folders of the kernel, and of the base disk below this machine's own disk.
    kernel: str = ""
    base: str = ""
    #: True only while a base disk is being built: the machine writes to the base disk itself.
    raw: bool = False
    #: The loopback ports of the Docker endpoint and of ssh at the last start; the next start tries the same.
    ports: tuple[int, int] = (0, 0)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the settings stored in a machine's folder, also by another version of Drydock.

        Raises :class:`~drydock.errors.SettingsDamaged` when they can't be read, and ``FileNotFoundError``.
        """
        file = folder / "settings.json"
        try:
            stored = json.loads(file.read_bytes())
            if not isinstance(stored, dict):
                raise TypeError("it is not a JSON object")
            return cls(**cls._values(stored))
        except (ValueError, TypeError) as error:
            raise SettingsDamaged(file, str(error)) from None

    @classmethod
    def _values(cls, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of known fields; raise TypeError for one of another type than its default."""
        values: dict[str, Any] = {}
        defaults = asdict(cls(""))
        for name, value in ((_RENAMED.get(name, name), value) for name, value in stored.items()):
            if name in defaults:
                values[name] = tuple(value) if isinstance(value, list) else value
                allowed = {type(defaults[name]), int} if name == "cpu" else {type(defaults[name])}
                if type(values[name]) not in allowed:
                    raise TypeError(f"{name} has the value {value!r}")
        return values

    def write(self, folder: Path) -> None:
        """Store the settings in a machine's folder."""
        files.write_atomically(folder / "settings.json", json.dumps(asdict(self), indent=1))

    def changed(self, **changes: Any) -> Self:
        """Return a copy with some values replaced."""
        return replace(self, **changes)


def machines_folder() -> Path:
    """Return the folder that has one folder for each machine; create it if it is missing."""
    folder = data_folder() / "machines"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def is_name(name: str) -> bool:
    """Return whether a string is a valid name of a machine."""
    return _NAME.fullmatch(name) is not None


def instance_folder(name: str) -> Path:
    """Return the folder of the machine of that name, which need not exist.

    Raises :class:`~drydock.errors.BadName` when the string is no valid name.
    """
    if not is_name(name):
        raise BadName(name)
    return machines_folder() / name
