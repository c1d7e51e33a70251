"""What a machine is told before it starts, and the folder that is its home."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from drydock.core.paths import data_folder
from drydock.errors import BadName

#: The file system of a base disk, in GB; a machine may ask for more, up to MAX_GB.
BASE_GB = 8
MAX_GB = 32
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Settings:
    """One machine's settings. Sizes: ``memory_mb`` in MB, ``disk_gb`` in GB."""

    name: str
    memory_mb: int = 1024
    #: Whether somebody asked for that much; else each start takes the usual, or what is left of it.
    memory_asked: bool = False
    disk_gb: int = BASE_GB
    #: Which CPU it stays on; None lets the least used be chosen at each start.
    cpu: int | None = None
    #: Folders of this computer that appear in the machine under the same path.
    shares: tuple[str, ...] = ()
    #: Whether ports that containers publish appear on this computer by themselves.
    publish: bool = True
    #: Whether its disk is thrown away when it stops.
    temporary: bool = False
    #: Whether what runs in it is trusted not to attack its kernel: faster where the kernel can make use of it.
    trusted: bool = True
    #: Whether its processes stand behind a wall, without a network; for a temporary machine that runs hostile work.
    confined: bool = False
    #: The name of that wall; see :mod:`drydock.machine.isolation.backends`.
    wall: str = ""
    #: The kernel's folder and the base disk this machine's own disk was begun on.
    kernel: str = ""
    base: str = ""
    #: True only while a base disk is being made: write to the base itself.
    raw: bool = False
    #: The endpoint's and ssh's ports on loopback at the last start, tried again at the next.
    ports: tuple[int, int] = (0, 0)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The settings kept in a machine's folder."""
        kept: dict[str, Any] = json.loads((folder / "settings.json").read_text())
        kept["shares"], kept["ports"] = tuple(kept["shares"]), tuple(kept["ports"])
        return cls(**kept)

    def write(self, folder: Path) -> None:
        """Keep them in the machine's folder, whole or not at all."""
        file = folder / "settings.json"
        file.with_suffix(".new").write_text(json.dumps(asdict(self), indent=1))
        file.with_suffix(".new").rename(file)

    def changed(self, **changes: Any) -> Self:
        """The same with some values replaced."""
        return replace(self, **changes)


def machines_folder() -> Path:
    """Where the machines live, one folder each."""
    folder = data_folder() / "machines"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def folder_of(name: str) -> Path:
    """The home of the machine of that name (it need not exist); :class:`~drydock.errors.BadName` if it is no name."""
    if not _NAME.fullmatch(name):
        raise BadName(name)
    return machines_folder() / name
