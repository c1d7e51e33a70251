"""What a process behind a wall has to work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class SandboxSpec:
    """What it sees and may use; by default nothing but programs."""

    #: Files and folders that it sees under their own paths.
    read: Sequence[Path] = ()
    #: Those that it may write to as well.
    write: Sequence[Path] = ()
    #: Memory as files in ``/memory``, in MB; without any there is no such folder.
    memory_mb: int = 0
    #: Its variables: these and no others.
    env: Mapping[str, str] = field(default_factory=dict)
    #: The CPU that whoever starts it stays on; None when that is no matter.
    cpu: int | None = None
    #: Open files by number, each connected to what listens at the socket, where nothing is inherited.
    lines: Mapping[int, Path] = field(default_factory=dict)


NOTHING = SandboxSpec()
