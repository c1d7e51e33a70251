"""Imports an assignment's modules from their sources in memory, under a package name of their own.

So two courses can have assignments of the same name in one process, checks that came to a worker over the network need
no folder, and no compiled file is left beside a notebook.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import ExecutionLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import decode_source, spec_from_loader
from types import ModuleType


class ModuleFinder(ExecutionLoader, MetaPathFinder):
    """Finds and loads the modules of every package that was added."""

    def __init__(self) -> None:
        self._sources: dict[str, Mapping[str, bytes]] = {}

    def add(self, package: str, sources: Mapping[str, bytes]) -> None:
        """Make a package ``a.b`` of Python files, which are given by their names."""
        self._sources[package] = sources
        for name in (package.rpartition(".")[0], package):
            module = sys.modules.setdefault(name, ModuleType(name))
            module.__path__ = []

    def has(self, filename: str) -> bool:
        """Return whether a file name in a traceback is one of :meth:`get_filename`."""
        folder, _, name = filename.rpartition("/")
        return any(package.endswith(f".{folder}") and name in files for package, files in self._sources.items())

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a module's spec, if it is one of ours."""
        package, _, name = fullname.rpartition(".")
        ours = f"{name}.py" in self._sources.get(package, {})
        return spec_from_loader(fullname, self, is_package=False) if ours else None

    def get_filename(self, fullname: str) -> str:
        """Return what tracebacks call a module's file: ``service/checks.py``."""
        package, _, name = fullname.rpartition(".")
        return f"{package.rpartition('.')[2]}/{name}.py"

    def get_source(self, fullname: str) -> str:
        """Return a module's text."""
        package, _, name = fullname.rpartition(".")
        return decode_source(self._sources[package][f"{name}.py"])


#: The one finder, which Python asks last.
FINDER = ModuleFinder()
sys.meta_path.append(FINDER)
