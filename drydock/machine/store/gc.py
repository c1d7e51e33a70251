"""Clears away what throw-away machines left that were killed together with whoever started them.

A machine that ends leaves nothing, and one whose supervisor was killed is cleared away by its owner. Where both were
killed, or the owner before there was a supervisor, nobody is left to do it: whoever wants the next ones does.
"""

from __future__ import annotations

from contextlib import suppress

from drydock.machine.store import artifact_cache
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import machines_folder


def sweep() -> int:
    """Throw away the homes of temporary machines that nobody lives in and nobody is about to; tells how many."""
    swept = 0
    for file in machines_folder().glob(".tmp-*.starting"):
        home = Instance(file.name.removeprefix(".").removesuffix(".starting"))
        with suppress(FileNotFoundError), file.open("r") as handle:  # or it ended properly meanwhile
            if artifact_cache.try_lock(handle.fileno()) and not home.is_lived_in():
                swept += home.folder.exists()
                home.remove()
    return swept
