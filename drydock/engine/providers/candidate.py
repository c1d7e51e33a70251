"""The answer of one place that was asked for a Docker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from drydock.core.endpoint import Endpoint

if TYPE_CHECKING:  # a machine's modules exist on Linux only
    from drydock.machine import Machine

#: Whose daemon it is: the computer's own (or one the user named), or one that Drydock boots.
Kind = Literal["host", "machine"]


@dataclass(frozen=True)
class Candidate:
    """What a place answered: a daemon's address, a daemon that could be booted, or neither; and why.

    ``reason`` completes the sentence "taken because ..." or "declined because ...".
    """

    name: str
    kind: Kind
    reason: str
    endpoint: Endpoint | None = None
    #: Boots a daemon that could be, with these folders shared and, if so wished, tied to the life of this process.
    boot: Callable[[Sequence[Path], bool], Machine] | None = None

    @property
    def usable(self) -> bool:
        """Whether a daemon can be had from here."""
        return self.endpoint is not None or self.boot is not None


class Provider(Protocol):
    """A place where a Docker might be: a module with these two."""

    NAME: str

    def ask(self) -> Candidate:
        """Answer within a few seconds, change nothing, and never raise because there is no Docker."""
        ...
