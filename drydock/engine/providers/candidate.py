"""A provider's result: a Docker daemon that can be used, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from drydock.core.endpoint import Endpoint

if TYPE_CHECKING:  # the modules of machines can be imported on Linux only
    from drydock.machine import Machine

#: A daemon of the host (this computer's, or one that the user configured), or one in a Drydock machine.
Kind = Literal["host", "machine"]


@dataclass(frozen=True)
class Candidate:
    """A provider's result: a daemon's endpoint, a function that boots one, or neither; and the reason.

    ``reason`` completes the sentence "selected because …", "available because …" or "unavailable because …".
    """

    name: str
    kind: Kind
    reason: str
    endpoint: Endpoint | None = None
    #: Boots a machine that shares these folders with its containers; True ends it together with this process. Returns
    #: the machine, and whether it was booted here: another process may have done so meanwhile, and uses it.
    boot: Callable[[Sequence[Path], bool], tuple[Machine, bool]] | None = None

    @property
    def usable(self) -> bool:
        """Whether it has a daemon, or can boot one."""
        return self.endpoint is not None or self.boot is not None


class Provider(Protocol):
    """A module that looks for a Docker daemon in one place."""

    NAME: str

    def detect(self) -> Candidate:
        """Look for a daemon, within a few seconds and without changing anything; finding none is no exception."""
        ...
