"""``%%expect NotFound``: a cell that is meant to fail, and fails itself if it does not.

``drydock.start()`` brings the magic; elsewhere ``%load_ext drydock.magics`` does.
"""

from __future__ import annotations

import builtins
import importlib
import subprocess
from functools import partial
from typing import Any

import docker.errors

import drydock.errors

#: Where a name without dots is looked up, after the notebook itself.
_HOMES = (builtins, docker.errors, subprocess, drydock.errors)
_LONGEST = 300


class NotAsExpected(AssertionError):
    """A cell marked ``%%expect`` that did not fail, or failed in another way."""

    def _render_traceback_(self) -> list[str]:
        return [f"NotAsExpected: {self}"]


def load() -> None:
    """Bring ``%%expect`` into the notebook that runs this; outside of IPython do nothing."""
    # IPython puts this function among the builtins where it runs, so that nobody else need import IPython.
    get_ipython = getattr(builtins, "get_ipython", None)
    if get_ipython is not None:
        load_ipython_extension(get_ipython())


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext drydock.magics`` calls."""
    shell.register_magic_function(partial(_expect, shell), "cell", "expect")


def _expect(shell: Any, line: str, cell: str) -> None:
    """The magic: run the cell and show, in short, the error it was to raise."""
    name = line.strip()
    expected = resolve(name, shell.user_ns)
    code = compile(shell.transform_cell(cell), "<cell>", "exec")
    try:
        exec(code, shell.user_ns)
    except expected as error:
        print(f"{type(error).__name__}: {message(error)}")
    except Exception as error:
        raise NotAsExpected(f"expected {name}, but got {type(error).__name__}: {message(error)}") from error
    else:
        raise NotAsExpected(f"expected {name}, but the cell ran without an error")


def resolve(name: str, namespace: dict[str, Any]) -> type[BaseException]:
    """The exception of that name, plain (``NotFound``) or dotted (``docker.errors.NotFound``)."""
    found = namespace.get(name)
    module, _, last = name.rpartition(".")
    if module:
        try:
            found = getattr(importlib.import_module(module), last, None)
        except ImportError:
            found = None
    for home in _HOMES if found is None else ():
        found = found or getattr(home, name, None)
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise NotAsExpected(f"there is no exception called {name!r}; write it as in `%%expect docker.errors.NotFound`")
    return found


def message(error: BaseException) -> str:
    """What the error says, short: for an answer of the daemon, the daemon's own words and not the address it was at."""
    text = str(getattr(error, "explanation", None) or error)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
