"""Long work says what it is doing: one line a step, with its seconds when it is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@cache
def console() -> Console:
    """Return the console for progress: standard error, so that a program can read standard output."""
    from rich.console import Console  # most commands have no progress, and start without Rich

    return Console(stderr=True, highlight=False)


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Announce a step, spin while it runs where there is a terminal, and tell how long it took."""
    began = time.monotonic()
    if _spins():
        # Not console.status: it would take over standard output too, and lose what is printed to a pipe.
        from rich.live import Live
        from rich.spinner import Spinner

        with Live(Spinner("dots", f"{doing} …"), console=console(), transient=True, redirect_stdout=False):
            yield
    else:
        say(f"{doing} …")
        yield
    say(f"{doing}: done in {time.monotonic() - began:.1f} s")


@contextmanager
def bar(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar of ``total`` steps where there is a terminal, a line at each tenth elsewhere; yields what advances it."""
    from rich.progress import Progress

    began, done = time.monotonic(), 0
    live = Progress(console=console(), transient=True, redirect_stdout=False, disable=not _spins())

    def advance(steps: int) -> None:
        nonlocal done
        before, done = done, done + steps
        live.advance(task, steps)
        if not _spins() and before * 10 // total < done * 10 // total:
            say(f"{doing}: {min(done * 100 // total, 100)} %")

    with live:
        task = live.add_task(doing, total=total)
        yield advance
    say(f"{doing}: done in {time.monotonic() - began:.1f} s")


def say(line: str) -> None:
    """One line for the person who waits; in a notebook it appears under the cell."""
    if _in_notebook():
        print(line, flush=True)
    else:
        console().print(line, markup=False)


def _spins() -> bool:
    # A notebook keeps each frame of what moves, though a kernel takes itself for a terminal with colours.
    return console().is_terminal and not _in_notebook()


def _in_notebook() -> bool:
    """Whether this process is a kernel: to have imported one's package is not enough."""
    kernel = sys.modules.get("ipykernel.kernelapp")
    return kernel is not None and bool(kernel.IPKernelApp.initialized())
