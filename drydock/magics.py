"""``%%expect NotFound``: a cell magic for a cell that must raise an error; without that error the cell fails.

``drydock.start()`` loads the magic; elsewhere ``%load_ext drydock.magics`` does.
"""

from __future__ import annotations

import builtins
import importlib
import subprocess
from functools import partial
from typing import Any

import drydock.errors
from drydock.core.ipython import running_shell

#: The longest message that is printed of an error; characters.
_LONGEST = 300


class NotAsExpected(AssertionError):
    """A cell with ``%%expect`` that raised no error or another one."""

    def _render_traceback_(self) -> list[str]:
        return [f"NotAsExpected: {self}"]


def load() -> None:
    """Load ``%%expect`` into the running notebook; outside of IPython, do nothing."""
    shell = running_shell()
    if shell is not None:
        load_ipython_extension(shell)


def load_ipython_extension(shell: Any) -> None:
    """Register the magic; ``%load_ext drydock.magics`` calls this."""
    shell.register_magic_function(partial(_expect, shell), "cell", "expect")


def _expect(shell: Any, line: str, cell: str) -> None:
    """Run a cell, and print the expected error as one line; raise :class:`NotAsExpected` without that error."""
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
        raise NotAsExpected(f"expected {name}, but the cell raised no error")


def resolve(name: str, namespace: dict[str, Any]) -> type[BaseException]:
    """Return the exception class of a name: plain (``NotFound``) or dotted (``docker.errors.NotFound``).

    A plain name is looked up in the notebook's namespace, then among Python's builtins and in docker-py, subprocess and
    Drydock's errors.
    """
    import docker.errors

    value = namespace.get(name)
    module, _, last = name.rpartition(".")
    if module:
        try:
            value = getattr(importlib.import_module(module), last, None)
        except ImportError:
            value = None
    for place in (builtins, docker.errors, subprocess, drydock.errors) if value is None else ():
        value = value or getattr(place, name, None)
    if not (isinstance(value, type) and issubclass(value, BaseException)):
        raise NotAsExpected(f"there is no exception class {name!r}; an example is `%%expect docker.errors.NotFound`")
    return value


def message(error: BaseException) -> str:
    """Return an error's message, shortened; of a daemon's error only the daemon's explanation, without the address."""
    text = str(getattr(error, "explanation", None) or error)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
