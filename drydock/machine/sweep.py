"""Clears away what throw-away machines left that were killed together with whoever started them.

A machine that ends leaves nothing, and one whose supervisor was killed is cleared away by its owner. Where both were
killed, or the owner before there was a supervisor, nobody is left to do it: whoever wants the next ones does.
"""

from __future__ import annotations

import fcntl
from contextlib import suppress
from typing import TextIO

from drydock.machine.home import Home
from drydock.machine.settings import machines_folder


def sweep() -> int:
    """Throw away the homes of temporary machines that nobody lives in and nobody is about to; tells how many."""
    swept = 0
    for file in machines_folder().glob(".tmp-*.starting"):
        home = Home(file.name.removeprefix(".").removesuffix(".starting"))
        with suppress(FileNotFoundError), file.open("r") as handle:  # or it ended properly meanwhile
            if _nobody_starts_it(handle) and not home.is_lived_in():
                swept += home.folder.exists()
                home.remove()
    return swept


def _nobody_starts_it(handle: TextIO) -> bool:
    """Takes the lock that starting a machine needs; closing the file gives it back."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
