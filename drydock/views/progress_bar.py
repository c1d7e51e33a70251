"""``views.progress``: a progress bar in a notebook that disappears when the work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from drydock.core.ipython import running_shell
from drydock.core.progress import step

#: Takes the number of finished steps, the number of all steps, and a text about the current one.
Report = Callable[[int, int, str], None]


@contextmanager
def progress(task: str) -> Iterator[Report]:
    """Show a progress bar during a ``with`` block; outside of a notebook, print a line with the time it took.

    >>> with progress("Loading the images") as report:
    ...     report(1, 3, "busybox")
    """
    if running_shell() is None:
        with step(task):
            yield lambda done, total, current: None
        return
    from IPython.display import display
    from ipywidgets import HBox, IntProgress, Label  # type: ignore[import-untyped]

    bar, label = IntProgress(value=0, max=1), Label(f"{task} …")
    box = HBox([bar, label])

    def report(done: int, total: int, current: str) -> None:
        bar.max, bar.value = max(total, 1), done
        label.value = f"{task}: {done}/{total} {current}"[:120]

    handle: Any = display(box, display_id=True)  # type: ignore[no-untyped-call]
    try:
        yield report
    finally:
        handle.update({}, raw=True)
        for widget in (bar, label, box):
            widget.close()
