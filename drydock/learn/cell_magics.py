"""Cell magics such as ``%%if_machine``: the cell runs if what it needs is here; else it prints why it doesn't run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from drydock.core.ipython import running_shell


def register(name: str, obstacle: Callable[[], str], refusal: str) -> None:
    """Load the magic ``%%name`` into the running notebook; outside of IPython, do nothing.

    ``obstacle`` returns why the cells can't run here, or an empty string; ``refusal`` is printed before the reason.
    """
    shell = running_shell()
    if shell is not None:
        shell.register_magic_function(partial(run, shell, obstacle, refusal), "cell", name)


def run(shell: Any, obstacle: Callable[[], str], refusal: str, line: str, cell: str) -> None:
    """Run the cell, or print why it can't be run here."""
    if reason := obstacle():
        print(f"{refusal}: {reason}.")
    else:
        exec(compile(shell.transform_cell(cell), "<cell>", "exec"), shell.user_ns)
