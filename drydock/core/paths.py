"""The folders that Drydock uses on this computer, and the label of everything that it creates in a daemon.

Both folders are the user's own (platformdirs): the cache has files that can be built again, the data folder has
machines. Sockets have a short folder of their own, because the path of a socket has at most 107 bytes.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs

from drydock.errors import NoHome

#: The label of every object that Drydock creates in a daemon; only objects with it are ever removed.
LABEL = "io.drydock.owner"


def home() -> Path:
    """Return the user's home folder; raise :class:`~drydock.errors.NoHome` for a user without one."""
    try:
        return Path.home()
    except RuntimeError:
        raise NoHome() from None


def cache_folder() -> Path:
    """Return the folder of files that can be built again (kernels, disks, tools); it is created if missing.

    This and the other folder raise :class:`~drydock.errors.NoHome` where neither HOME nor a variable of XDG has a path.
    """
    return _created(_of_user(platformdirs.user_cache_dir))


def data_folder() -> Path:
    """Return the folder of files that can't be built again (the machines); it is created if missing."""
    return _created(data_path())


def data_path() -> Path:
    """Return the path of :func:`data_folder`; nothing is created, which a question about another daemon must not do."""
    return _of_user(platformdirs.user_data_dir)


def socket_folder(name: str) -> Path:
    """Create and return a private folder with a path short enough for sockets; the caller removes it."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    # A kernel's command line, where such a path stands, has separators of its own.
    usable = len(os.fsencode(base)) < 40 and re.fullmatch(r'/[^\s,:"]*', base) and os.access(base, os.W_OK)
    return Path(tempfile.mkdtemp(prefix=f"drydock-{name[:16]}-", dir=base if usable else "/tmp"))


def _of_user(folder_of: Callable[..., str]) -> Path:
    try:
        folder = Path(folder_of("drydock", appauthor=False))
    except RuntimeError:
        raise NoHome() from None
    if not folder.is_absolute():  # without a home, older versions of platformdirs return "~/…"
        raise NoHome()
    return folder


def _created(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
