"""Last place: a machine that does not run yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drydock.engine import ground
from drydock.engine.candidate import Candidate

if TYPE_CHECKING:
    from drydock.machine import Machine

NAME = "new machine"


def ask() -> Candidate:
    """Whether the machine called ``default`` could be booted here; booting it is left to who takes it."""
    if not ground.is_possible():
        return Candidate(NAME, "machine", ground.WHERE)
    from drydock.machine import why_not

    obstacle = why_not()
    if obstacle is not None:
        return Candidate(NAME, "machine", " ".join(filter(None, (obstacle.what, obstacle.next))))
    return Candidate(NAME, "machine", "one can be booted here", boot=_boot)


def _boot(shares: Sequence[Path], owned: bool) -> Machine:
    from drydock.machine import Machine

    machine = Machine(ground.DEFAULT, shares=shares)
    if not machine.start(owned=owned):  # somebody else was booting it just now
        for folder in shares:
            machine.share(folder)
    return machine
