"""What an isolated process may see and use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: The most processes of an isolated process: 2,000 for the containers in the machine, and the machine's own.
MAX_PROCESSES = 4096


@dataclass(frozen=True)
class SandboxSpec:
    """The resources of an isolated process; by default it sees only the host's programs, in ``/usr``."""

    #: Files and folders of the host that are mounted read-only.
    read_only: Sequence[Path] = ()
    #: Files and folders of the host that are mounted with write access.
    writable: Sequence[Path] = ()
    #: The paths of these in isolation, where they differ from the paths on the host.
    places: Mapping[Path, Path] = field(default_factory=dict)
    #: Size of a tmpfs at ``/memory``, in MB; 0 for none.
    memory_mb: int = 0
    #: All environment variables of the process.
    env: Mapping[str, str] = field(default_factory=dict)
    #: The CPU that the process is pinned to; None for any.
    cpu: int | None = None
    #: File descriptors to open, each connected to the Unix socket at its path, where open files can't be inherited.
    sockets: Mapping[int, Path] = field(default_factory=dict)

    def inside(self, path: Path) -> Path:
        """Return the path in isolation of a file of the host, or of a file in a folder of the host."""
        for outer in (path, *path.parents):
            if outer in self.places:
                return self.places[outer] / path.relative_to(outer)
        return path


EMPTY = SandboxSpec()
