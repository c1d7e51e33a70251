"""The folders that Drydock uses on this computer, and the label of everything that it creates in a daemon.

Both folders are the user's own (platformdirs): the cache has files that can be built again, the data folder has
machines. Sockets have a short folder of their own, because the path of a socket has at most 107 bytes.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import platformdirs

#: The label of every object that Drydock creates in a daemon; only objects with it are ever removed.
LABEL = "io.drydock.owner"


def cache_folder() -> Path:
    """Return the folder of files that can be built again (kernels, disks, tools); it is created if missing."""
    return _created(Path(platformdirs.user_cache_dir("drydock", appauthor=False)))


def data_folder() -> Path:
    """Return the folder of files that can't be built again (the machines); it is created if missing."""
    return _created(data_path())


def data_path() -> Path:
    """Return the path of :func:`data_folder`; nothing is created, which a question about another daemon must not do."""
    return Path(platformdirs.user_data_dir("drydock", appauthor=False))


def socket_folder(name: str) -> Path:
    """Create and return a private folder with a path short enough for sockets; the caller removes it."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    # A kernel's command line, where such a path stands, has separators of its own.
    usable = len(os.fsencode(base)) < 40 and re.fullmatch(r'/[^\s,:"]*', base) and os.access(base, os.W_OK)
    return Path(tempfile.mkdtemp(prefix=f"drydock-{name[:16]}-", dir=base if usable else "/tmp"))


def _created(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
