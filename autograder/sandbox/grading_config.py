"""How a class is graded: in which sandbox, by which assignments, within which limits. It travels as JSON."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.checks.assignment import Assignment, load
from autograder.execution.kernel_container import Limits
from autograder.sandbox.machine_sandbox import Sandbox
from drydock.core import resources


@dataclass(frozen=True)
class GradingConfig:
    """``sandbox`` is the full name of a class of sandboxes, ``settings`` are its arguments.

    ``limits``, where given, replace those of the assignment. ``assignments`` is the folder of the course's assignments;
    without one, it is the folder of Drydock's own assignments. ``seconds`` is the most that grading one submission may
    take; without it, the assignment's limits decide.
    """

    sandbox: str = "autograder.sandbox.machine_sandbox.MachineSandbox"
    settings: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits | None = None
    assignments: str = field(default_factory=lambda: str(resources.folder("assignments")))
    seconds: float | None = None

    def new_sandbox(self) -> Sandbox:
        """Return a sandbox that is not entered yet."""
        module, _, name = self.sandbox.rpartition(".")
        made: Sandbox = getattr(importlib.import_module(module), name)(**self.settings)
        return made

    def assignment(self, name: str) -> Assignment:
        """Return an assignment of the course; raises what :func:`autograder.checks.assignment.load` raises."""
        return self.limited(load(Path(self.assignments) / name))

    def limited(self, assignment: Assignment) -> Assignment:
        """Return an assignment with the limits that apply."""
        return replace(assignment, limits=self.limits) if self.limits else assignment

    def to_json(self) -> dict[str, Any]:
        """Return it as a dictionary of plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> GradingConfig:
        """Return the configuration that :meth:`to_json` wrote."""
        limits = Limits(**data["limits"]) if data["limits"] else None
        return cls(data["sandbox"], data["settings"], limits, data["assignments"], data["seconds"])
