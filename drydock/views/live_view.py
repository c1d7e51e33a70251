"""A picture that updates itself while it is displayed; the only module of the views that starts drawing threads."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from typing import Any

import requests
import urllib3
from docker.errors import DockerException

from drydock.core.ipython import display_widget, is_jupyterlab, running_shell
from drydock.views.events import UpdateTrigger
from drydock.views.svg import is_empty
from drydock.views.view import EMPTY, View, with_message, with_time

#: Errors of a daemon that is stopped, restarting or closing connections.
_CONNECTION_ERRORS = (DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError)

#: A picture that stood for so long was looked at; others are steps on the way to the next one, as in a clean-up.
_LOOKED_AT_SECONDS = 3.0

#: The live views that are updating now.
_active: set[LiveView] = set()


class LiveView(View):
    """A view that redraws itself at every update from a trigger.

    It updates from when it is displayed until its cell runs again, it is closed, or the kernel stops. It never prints:
    an error, as from a daemon that does not answer, becomes a message above the picture. When nothing is left of what
    it shows, as after a lesson's clean-up, the last picture that stood for some seconds stays, with a message.
    """

    def __init__(self, draw: Callable[[], str], open_trigger: Callable[[], UpdateTrigger]) -> None:
        self._draw, self._open_trigger = draw, open_trigger
        self._trigger: UpdateTrigger | None = None
        self._cells: set[str] = set()
        self._drawn, self._last_picture, self._looked_at = EMPTY, EMPTY, EMPTY
        self._since = time.monotonic()
        #: The same picture as a widget: a page that is loaded again finds it in the kernel, and it goes on living.
        self._widget: Any = None
        super().__init__(EMPTY)
        self.refresh()

    def follow(self) -> None:
        """Redraw now, and at every update until :meth:`stop` is called."""
        self.stop()
        _active.add(self)
        self._trigger = self._open_trigger()
        threading.Thread(target=self._run, args=(self._trigger,), name="drydock-view", daemon=True).start()

    def stop(self) -> None:
        """Stop updating until it is displayed again."""
        _active.discard(self)
        if self._trigger is not None:
            self._trigger.close()
            self._trigger = None

    def close(self) -> None:
        """Stop updating; the last picture stays."""
        self.stop()
        if self._widget is not None:
            self._widget.close()
            self._widget = None

    def show(self, svg: str) -> None:
        """Replace the picture, in the saved output and in the widget."""
        super().show(svg)
        if self._widget is not None:
            self._widget.value = _live(svg)

    def refresh(self) -> None:
        """Redraw once."""
        try:
            svg = self._draw()
        except Exception as error:  # a thread's traceback would be printed below whatever cell is running
            self.show(with_message(self._last_picture, f"{time.strftime('%X')}  {_message(error)}"))
            self._drawn = EMPTY
            return
        if svg == self._drawn:
            return
        if is_empty(svg) and not is_empty(self._last_picture):
            message = f"{time.strftime('%X')}  all of this has been removed; this is the last picture of it"
            self.show(with_message(self._remembered(), message, is_error=False))
        else:
            self._looked_at = EMPTY if is_empty(self._drawn) else self._remembered()
            self._last_picture, self._since = with_time(svg, time.strftime("%Y-%m-%d %X")), time.monotonic()
            self.show(self._last_picture)
        self._drawn = svg

    def _remembered(self) -> str:
        """Return the picture that somebody has looked at: the last one, unless that stood for a moment only."""
        stood = time.monotonic() - self._since
        return self._last_picture if stood >= _LOOKED_AT_SECONDS or is_empty(self._looked_at) else self._looked_at

    def release(self, cell: str) -> None:
        """Stop updating if ``cell``, which is about to run again, was the last one that displays this view."""
        if cell in self._cells:
            self._cells.remove(cell)
            if not self._cells:
                self.stop()

    def _run(self, trigger: UpdateTrigger) -> None:
        while True:
            self.refresh()
            if not trigger.wait():
                return

    def _ipython_display_(self) -> None:
        """Display the picture, and redraw it from now on."""
        if cell := _running_cell():
            running_shell().events.register("pre_run_cell", _on_pre_run_cell)
            self._cells.add(cell)
        if is_jupyterlab():
            self._display_widget()
        super()._ipython_display_()
        self.follow()

    def _display_widget(self) -> None:
        """Display the widget; where it is shown, it hides the saved picture below it."""
        if self._widget is None:
            from ipywidgets import HTML  # type: ignore[import-untyped]

            self._widget = HTML(value=_live(self.svg))
        display_widget(self._widget)


def _live(svg: str) -> str:
    return f'<div class="drydock-live">{svg}</div>'


def _message(error: Exception) -> str:
    explanation = getattr(error, "explanation", None)
    if explanation:
        return f"error from the Docker daemon: {explanation}"
    return "the Docker daemon does not answer; trying again" if isinstance(error, _CONNECTION_ERRORS) else repr(error)


def _running_cell() -> str:
    """Return what identifies the running cell: its id, or its source if the frontend sends no ids."""
    request = getattr(running_shell(), "parent_header", None) or {}
    metadata, content = request.get("metadata") or {}, request.get("content") or {}
    return str(metadata.get("cellId") or content.get("code") or "")


def _on_pre_run_cell(info: Any) -> None:
    """IPython's ``pre_run_cell`` hook: release the views that the cell displayed when it ran before."""
    for view in list(_active):
        view.release(info.cell_id or info.raw_cell)


@atexit.register
def _stop_all() -> None:
    for view in list(_active):
        view.stop()
