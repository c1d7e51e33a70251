"""Packages whose names are imported at their first use."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

PACKAGES = ("drydock", "drydock.engine", "drydock.images", "drydock.machine")


@pytest.mark.parametrize("package", PACKAGES)
def test_each_public_name_is_there(package: str) -> None:
    """Everything in ``__all__`` can be imported from the package and is listed for completion."""
    module = importlib.import_module(package)
    assert set(module.__all__) <= set(dir(module))
    assert all(getattr(module, name) is not None for name in module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_an_attribute_error(package: str) -> None:
    """A misspelt name fails as in any other module."""
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'strat'"):
        importlib.import_module(package).strat  # noqa: B018


def test_a_module_is_imported_at_the_first_use() -> None:
    """Importing the package imports no module of its names; using a name imports that name's module."""
    code = (
        "import sys, drydock.images as images; before = 'drydock.images.builder' in sys.modules;"
        "images.build; print(before, 'drydock.images.builder' in sys.modules, 'build' in vars(images))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True", "True"]
