"""Where Drydock keeps things on this computer, and the label on all it makes in a daemon.

Two folders, both the user's own (platformdirs): the cache holds what can be built again, the data
folder holds machines. Sockets get a short folder of their own, since a socket's path has at most 107 bytes.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs

#: Everything we create in a daemon carries this label; clean-up goes by it and nothing else.
LABEL = "io.drydock.owner"


def cache_folder() -> Path:
    """What can be built again: kernels, disks, tools. Made when missing."""
    return _made(Path(platformdirs.user_cache_dir("drydock", appauthor=False)))


def data_folder() -> Path:
    """What can't be built again: the machines. Made when missing."""
    return _made(Path(platformdirs.user_data_dir("drydock", appauthor=False)))


def socket_folder(name: str) -> Path:
    """A new private folder with a path short enough for sockets; the caller removes it."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = len(base) < 40 and os.access(base, os.W_OK) if base else False
    return Path(tempfile.mkdtemp(prefix=f"drydock-{name[:16]}-", dir=base if usable else "/tmp"))


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
