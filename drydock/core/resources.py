"""The one reader of what lies around the code: the course, and data files inside the packages.

In a checkout ``course/``, ``assignments/`` and ``nbgrader_config.py`` lie beside the packages. A wheel has them in
``drydock/data/``, where the build puts them (``pyproject.toml``). Both are ordinary files.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal

from drydock.errors import ResourceMissing

#: Where a wheel has what a checkout has beside the packages.
DATA = "data"


def folder(name: Literal["course", "assignments"]) -> Path:
    """Return a folder of the course: its lessons or its assignments; see :class:`~drydock.errors.ResourceMissing`."""
    return _around(name)


def file(name: Literal["nbgrader_config.py"]) -> Path:
    """Return a file of the course; raises :class:`~drydock.errors.ResourceMissing` in a broken installation."""
    return _around(name)


def package_data(package: str, name: str) -> Path:
    """Return a file or folder that lies beside the modules of a package, such as ``recipes`` in ``drydock.images``."""
    return Path(str(resources.files(package) / name))


def _around(name: str) -> Path:
    installed = package_data("drydock", DATA) / name
    path = installed if installed.exists() else package_data("drydock", "").parent / name
    if not path.exists():
        raise ResourceMissing(name, installed)
    return path
