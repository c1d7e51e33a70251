"""What a machine may be asked for: sizes that make sense, and folders that can be shared with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drydock.errors import BadSetting
from drydock.machine.store.settings import BASE_GB, MAX_GB

#: Folders of the machine's own that a share must not cover.
_OWN = {"/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root"}
_OWN |= {"/run", "/sbin", "/sys", "/tmp", "/usr", "/var"}


def shared(folder: Path | str) -> str:
    """The full path of a folder that can be shared, or :class:`~drydock.errors.BadSetting`."""
    path = Path(folder).resolve()
    if not path.is_dir():
        raise BadSetting(f"{folder} can't be shared: it is no folder.", "name a folder that exists")
    if str(path) in _OWN or any(letter in str(path) for letter in ",\n\\"):
        raise BadSetting(
            f"{path} can't be shared with a machine.",
            "share a folder of your own below it; its path must have no comma, backslash or line break",
        )
    return str(path)


def check(wishes: Mapping[str, Any]) -> None:
    """Raise :class:`~drydock.errors.BadSetting` for a size or a processor that no machine can have."""
    memory, disk, cpu = wishes.get("memory_mb", 1024), wishes.get("disk_gb", BASE_GB), wishes.get("cpu")
    if not 256 <= memory <= 65536:
        raise BadSetting(f"{memory} MB is no memory for a machine.", "choose 256 to 65536 MB; 1024 is usual")
    if not BASE_GB <= disk <= MAX_GB:
        raise BadSetting(f"{disk} GB is no disk for a machine.", f"choose {BASE_GB} to {MAX_GB} GB")
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cpu is not None and cpu not in allowed:
        raise BadSetting(f"There is no CPU {cpu} here to pin a machine to.", f"choose one of {sorted(allowed)}")
