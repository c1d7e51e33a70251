"""Validation of requested settings: sizes and CPUs that a machine can have, folders that can be shared with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drydock.errors import BadSetting
from drydock.machine.store.settings import BASE_GB, MAX_GB

#: Folders of the machine that a share must not hide.
_MACHINE_FOLDERS = {"/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root"}
_MACHINE_FOLDERS |= {"/run", "/sbin", "/sys", "/tmp", "/usr", "/var"}


def shared_folder(folder: Path | str) -> str:
    """Return the full path of a folder that can be shared; raise :class:`~drydock.errors.BadSetting` otherwise."""
    path = Path(folder).resolve()
    if not path.is_dir():
        raise BadSetting(f"{folder} can't be shared: it is not a folder.", "Name a folder that exists.")
    if str(path) in _MACHINE_FOLDERS or any(character in str(path) for character in ",\n\\") or not _is_text(path):
        raise BadSetting(
            f"{path} can't be shared with a machine.",
            "Share a folder of your own below it; its path must have no comma, backslash or line break, and be UTF-8.",
        )
    return str(path)


def _is_text(path: Path) -> bool:
    """Return whether a path is UTF-8, as the machine's files are."""
    try:
        return bool(os.fsencode(path).decode())
    except UnicodeDecodeError:
        return False


def check_settings(requested: Mapping[str, Any]) -> None:
    """Raise :class:`~drydock.errors.BadSetting` for a size or a CPU that no machine can have."""
    memory, disk = requested.get("memory_mb", 1024), requested.get("disk_gb", BASE_GB)
    if not 256 <= memory <= 65536:
        raise BadSetting(f"A machine can't have {memory} MB of memory.", "Choose 256 to 65536 MB; the default is 1024.")
    if not BASE_GB <= disk <= MAX_GB:
        raise BadSetting(f"A machine can't have a disk of {disk} GB.", f"Choose {BASE_GB} to {MAX_GB} GB.")
    cpu = requested.get("cpu")
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cpu is not None and cpu not in allowed:
        raise BadSetting(f"A machine can't be pinned to CPU {cpu}.", f"Choose one of these CPUs: {sorted(allowed)}")
