"""A picture that keeps itself up to date while it's seen: the one place where views have threads."""

from __future__ import annotations

import atexit
import builtins
import threading
import time
from collections.abc import Callable
from typing import Any

from drydock.views.events import PASSING, UpdateTrigger
from drydock.views.widget import EMPTY, View, notice

#: The live views that follow something right now.
_following: set[Live] = set()


class Live(View):
    """A view that draws itself anew whenever there is news.

    It follows from when it's shown until its cell runs again, it's closed, or the kernel stops. It never prints, and a
    daemon that doesn't answer becomes a line in the picture.
    """

    def __init__(
        self, draw: Callable[[], str], news: Callable[[], UpdateTrigger], controls: tuple[Any, ...] = ()
    ) -> None:
        self._draw, self._open = draw, news
        self._news: UpdateTrigger | None = None
        self._cells: set[str] = set()
        self._last = EMPTY
        super().__init__(EMPTY, controls)
        self.refresh()

    def follow(self) -> None:
        """Draw, and from now on whenever there is news."""
        self.stop()
        _following.add(self)
        self._news = self._open()
        threading.Thread(target=self._run, args=(self._news,), name="drydock-view", daemon=True).start()

    def stop(self) -> None:
        """Stay as it is now."""
        _following.discard(self)
        if self._news is not None:
            self._news.close()
            self._news = None

    def close(self) -> None:
        """Stop, and take the widget away."""
        self.stop()
        super().close()

    def refresh(self) -> None:
        """Draw it as things are now."""
        try:
            self._last = self._draw()
            self.show(self._last)
        except Exception as error:  # in a thread it would be printed, into whatever cell runs
            self.show(notice(self._last, f"{time.strftime('%X')}  {_said(error)}"))

    def leave(self, cell: str) -> None:
        """A cell that showed it runs again."""
        if cell in self._cells:
            self._cells.remove(cell)
            if not self._cells:
                self.stop()

    def _run(self, news: UpdateTrigger) -> None:
        while True:
            self.refresh()
            if not news.wait():
                return

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        if cell := _cell():
            _shell().events.register("pre_run_cell", _cell_runs)
            self._cells.add(cell)
        self.follow()
        return super()._repr_mimebundle_(**kwargs)


def _said(error: Exception) -> str:
    told = getattr(error, "explanation", None)
    if told:
        return f"the daemon says: {told}"
    return "the daemon does not answer; it is asked again" if isinstance(error, PASSING) else repr(error)


def _shell() -> Any:
    # IPython puts this function among the builtins where it runs, so that nobody else need import IPython.
    get_ipython = getattr(builtins, "get_ipython", None)
    return get_ipython() if get_ipython else None


def _cell() -> str:
    """What tells the running cell from others: its id, or its text where the frontend sends no ids."""
    parent = getattr(_shell(), "parent_header", None) or {}
    about, content = parent.get("metadata") or {}, parent.get("content") or {}
    return str(about.get("cellId") or content.get("code") or "")


def _cell_runs(info: Any) -> None:
    """What IPython calls before a cell runs; what is told of the cell is the same that its output will tell."""
    for view in list(_following):
        view.leave(info.cell_id or info.raw_cell)


@atexit.register
def _stop_all() -> None:
    for view in list(_following):
        view.stop()
