"""The terms on which a class is graded: in what sandbox, and within which limits. They travel as JSON."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from autograder.execution.kernel_container import DEFAULT, Limits
from autograder.sandbox.machine_sandbox import Sandbox


@dataclass(frozen=True)
class GradingConfig:
    """``sandbox`` is the full name of a class of sandboxes, ``settings`` what it is made with."""

    sandbox: str = "autograder.sandbox.machine_sandbox.MachineSandbox"
    settings: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = DEFAULT

    def new_sandbox(self) -> Sandbox:
        """A sandbox that is not entered yet."""
        module, _, name = self.sandbox.rpartition(".")
        made: Sandbox = getattr(importlib.import_module(module), name)(**self.settings)
        return made

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> GradingConfig:
        """The terms that :meth:`to_json` told."""
        return cls(data["sandbox"], data["settings"], Limits(**data["limits"]))
