"""Missing folders that a container mounts. The daemon makes them for binds, but not for subpaths of volumes."""

from __future__ import annotations

import os
from contextlib import suppress

from drydock.machine.guest.proxy.request_scope import WorkFolder

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def make(folder: WorkFolder, subpath: str) -> None:
    """Make the missing folders of a path in a work folder. Follow no link: the daemon resolves links."""
    if not all(subpath.split("/")) or {".", ".."} & set(subpath.split("/")):
        return
    with suppress(OSError):
        here = os.open(folder.path, _FOLDER)
        try:
            for name in subpath.split("/"):
                here = _enter(here, name)
        finally:
            os.close(here)


def _enter(folder: int, name: str) -> int:
    """Return a descriptor of a folder inside of a folder, made if missing; close the old descriptor."""
    with suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=folder)
    inner = os.open(name, _FOLDER, dir_fd=folder)
    os.close(folder)
    return inner
