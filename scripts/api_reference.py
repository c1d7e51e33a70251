"""The pages of the API reference: the public modules, each documented by its docstrings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

#: Public modules by subject, one page each. Other modules may change without notice.
PUBLIC: Mapping[str, Sequence[str]] = {
    "Lessons": ["drydock", "drydock.views", "drydock.magics", "drydock.links", "drydock.submit"],
    "Engines, machines and images": [
        "drydock.engine",
        "drydock.machine",
        "drydock.core.endpoint",
        "drydock.core.paths",
        "drydock.images",
        "drydock.errors",
    ],
    "Checks": [
        "autograder.checks.api",
        "autograder.checks.assignment",
        "autograder.checks.context",
        "autograder.checks.selfcheck",
        "autograder.execution.workspace",
        "drydock.core.waiting",
    ],
    "Probes": [
        "autograder.probes.compose",
        "autograder.probes.container_probe",
        "autograder.probes.database",
        "autograder.probes.health",
        "autograder.probes.image_diff",
        "autograder.probes.image_layers",
        "autograder.probes.load",
        "autograder.probes.logs",
        "autograder.probes.port_bindings",
        "autograder.probes.registry",
        "autograder.probes.terminal_session",
    ],
    "Grading": [
        "autograder.grade",
        "autograder.submission",
        "autograder.verdict",
        "autograder.errors",
        "autograder.sandbox.machine_sandbox",
        "autograder.sandbox.grading_config",
        "autograder.scheduling.executor",
        "autograder.gradebook.course",
        "autograder.gradebook.recorder",
    ],
}
FOLDER = "reference"
#: Names that another page describes.
_EXCLUDED = {"drydock": "Engine"}
_CHECKED = "|".join(module.replace(".", r"\.") for modules in PUBLIC.values() for module in modules if "." in module)
#: References in docstrings that Sphinx does not check: those to other names than the public modules'.
UNCHECKED = rf"(?!(?:{_CHECKED})\.[A-Z]\w+(?:\.[a-z_]+)?$).*"
_MODULE = "{module}\n{line}\n\n.. automodule:: {module}\n   :exclude-members: {excluded}\n"
_SUBJECT = "{subject}\n{line}\n\n.. toctree::\n   :maxdepth: 1\n\n{pages}\n"


def write(source: Path) -> list[str]:
    """Write the pages to the folder ``source``; return the names of the pages that lead to all others."""
    (source / FOLDER).mkdir()
    subjects = []
    for number, (subject, modules) in enumerate(PUBLIC.items(), 1):
        for module in modules:
            page = _MODULE.format(module=module, line="=" * len(module), excluded=_EXCLUDED.get(module, ""))
            (source / FOLDER / f"{module}.rst").write_text(page)
        pages = "\n".join(f"   {module}" for module in modules)
        overview = _SUBJECT.format(subject=subject, line="=" * len(subject), pages=pages)
        subjects.append(f"{FOLDER}/{number}")
        (source / f"{subjects[-1]}.rst").write_text(overview)
    return subjects
