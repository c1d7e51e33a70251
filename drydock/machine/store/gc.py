"""Garbage collection of temporary machines whose supervisor and owner were both killed.

A machine that stops removes its own files, and the owner of a killed supervisor removes that machine's files. When both
were killed, or the owner before it had started a supervisor, the next process that boots temporary machines does it.
"""

from __future__ import annotations

from contextlib import suppress

from drydock.machine.store import artifact_cache
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import machines_folder


def remove_leftovers() -> int:
    """Remove temporary machines that neither run nor are being started; return how many were removed."""
    removed = 0
    for file in machines_folder().glob(".tmp-*.starting"):
        instance = Instance(file.name.removeprefix(".").removesuffix(".starting"))
        with suppress(FileNotFoundError), file.open("r") as handle:  # the machine may have stopped in the meantime
            if artifact_cache.try_lock(handle.fileno()) and not instance.is_running():
                removed += instance.folder.exists()
                instance.remove()
    return removed
