"""Everything that Drydock needs is declared where it is installed from."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from drydock.core.command import PACKAGE_OF
from tests.architecture.test_imports import imports
from tests.architecture.tree import ROOT, below


def test_every_import_is_declared() -> None:
    """Each package that a module imports is in pyproject.toml: indirect dependencies may change."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = chain(project["dependencies"], *project["optional-dependencies"].values())
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    files = below("drydock", "*.py") + below("autograder", "*.py")
    imported = {module.split(".")[0] for path in files for module in imports(path)}
    third_party = imported - set(sys.stdlib_module_names) - {"drydock", "autograder"}
    distributions = packages_distributions()
    undeclared = {
        package
        for package in third_party
        if declared.isdisjoint(map(canonicalize_name, distributions.get(package, [])))
    }
    assert undeclared == set()


def test_setup_installs_the_programs_that_drydock_calls() -> None:
    """`make setup` names the same programs and Debian packages as the errors about missing programs."""
    script = (ROOT / "scripts" / "setup").read_text()
    listed = re.search(r"^tools='\n(.*?)\n'$", script, re.MULTILINE | re.DOTALL)
    assert listed is not None
    assert dict(line.split(":") for line in listed[1].splitlines()) == PACKAGE_OF
