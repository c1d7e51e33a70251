"""One hash of all code that decides a grade: kept verdicts count, and workers grade, only where it is equal."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from autograder.checks.assignment import Assignment
from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import digest
from drydock.core.resources import DATA
from drydock.machine.artifacts.machine_build import base_cache_name


def code_key(assignment: Assignment, config: GradingConfig) -> str:
    """Return a hash that changes when anything does that could change a score.

    It covers the assignment's files, the configuration, the images, and all modules of the two packages, since a
    notebook may import them. It is the same wherever the course lies and however the packages were installed.
    """
    settings = {name: value for name, value in config.to_json().items() if name != "assignments"}
    parts = [json.dumps(settings, sort_keys=True).encode(), base_cache_name().encode()]
    parts += [part for path in sorted(assignment.files) for part in (path.encode(), assignment.files[path])]
    for package in ("autograder", "drydock"):
        root = Path(str(resources.files(package)))
        files = {file.relative_to(root).as_posix(): file for file in root.rglob("*.py")}
        names = sorted(name for name in files if not name.startswith(f"{DATA}/"))
        parts += [part for name in names for part in (name.encode(), files[name].read_bytes())]
    return digest(parts)
