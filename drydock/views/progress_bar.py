"""A bar for long work in a notebook, gone when the work is done."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from drydock.core.progress import step

#: Tells how many of how many steps are done, and what is done now.
Tell = Callable[[int, int, str], None]


@contextmanager
def progress(doing: str) -> Iterator[Tell]:
    """A bar over the time of a ``with``; outside of a notebook, a line that says how long it took.

    >>> with progress("Loading the images") as tell:
    ...     tell(1, 3, "busybox")
    """
    if not hasattr(builtins, "get_ipython"):
        with step(doing):
            yield lambda done, total, now: None
        return
    from IPython.display import display
    from ipywidgets import HBox, IntProgress, Label  # type: ignore[import-untyped]

    bar, label = IntProgress(value=0, max=1), Label(f"{doing} …")
    box = HBox([bar, label])

    def tell(done: int, total: int, now: str) -> None:
        bar.max, bar.value = max(total, 1), done
        label.value = f"{doing}: {done}/{total} {now}"[:120]

    shown: Any = display(box, display_id=True)  # type: ignore[no-untyped-call]
    try:
        yield tell
    finally:
        shown.update({}, raw=True)
        for widget in (bar, label, box):
            widget.close()
