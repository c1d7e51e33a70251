"""Progress output of long work: one line for each step, with the seconds that it took."""

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
def step(task: str) -> Iterator[None]:
    """Print a task when it begins and when it is done, with its seconds; in a terminal, a spinner runs meanwhile."""
    started = time.monotonic()
    if _is_animated():
        # Not console.status: it would redirect standard output too, and lose what is printed to a pipe.
        from rich.live import Live
        from rich.spinner import Spinner

        with Live(Spinner("dots", f"{task} …"), console=console(), transient=True, redirect_stdout=False):
            yield
    else:
        print_line(f"{task} …")
        yield
    print_line(f"{task}: done in {time.monotonic() - started:.1f} s")


@contextmanager
def bar(task: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar in a terminal, elsewhere a line at each tenth; yield a function that advances it."""
    from rich.progress import Progress

    started, done = time.monotonic(), 0
    live = Progress(console=console(), transient=True, redirect_stdout=False, disable=not _is_animated())

    def advance(steps: int) -> None:
        nonlocal done
        before, done = done, done + steps
        live.advance(task_id, steps)
        if not _is_animated() and before * 10 // total < done * 10 // total:
            print_line(f"{task}: {min(done * 100 // total, 100)} %")

    with live:
        task_id = live.add_task(task, total=total)
        yield advance
    print_line(f"{task}: done in {time.monotonic() - started:.1f} s")


def print_line(line: str) -> None:
    """Print a line on standard error; in a notebook, below the cell."""
    if _in_notebook():
        print(line, flush=True)
    else:
        console().print(line, markup=False, soft_wrap=True)


def _is_animated() -> bool:
    # A notebook would keep each frame of an animation, although a kernel looks like a terminal with colours.
    return console().is_terminal and not _in_notebook()


def _in_notebook() -> bool:
    """Return whether this process is a kernel; having imported ipykernel is not enough."""
    kernel = sys.modules.get("ipykernel.kernelapp")
    return kernel is not None and bool(kernel.IPKernelApp.initialized())
