"""One hash of all code that decides a grade: kept verdicts count, and workers grade, only where it is equal."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from autograder.checks.api import known
from autograder.sandbox.grading_config import GradingConfig
from autograder.submission import digest
from drydock.machine.artifacts.machine_build import base_name


def code_key(stem: str, terms: GradingConfig) -> str:
    """Changes when anything does that could change a mark: checks, grader, images, limits.

    All modules count, since a notebook may import them; of the checks, those of this assignment.
    """
    others = {f"assignments/{other}.py" for other in known() if other != stem}
    parts = [json.dumps(terms.to_json(), sort_keys=True).encode(), base_name().encode()]
    for package in ("autograder", "drydock"):
        root = Path(str(resources.files(package)))
        files = {file.relative_to(root).as_posix(): file for file in root.rglob("*.py")}
        parts += [part for name in sorted(files.keys() - others) for part in (name.encode(), files[name].read_bytes())]
    return digest(parts)
