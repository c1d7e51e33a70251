"""The panel of a lesson: what the daemon has now, and which exercises are done, beside the notebook.

A thread follows the daemon's events and draws anew. It only reads, it prints nothing, and it checks exercises while no
cell runs, so that a cell takes no longer with the panel than without.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import requests
from docker.errors import DockerException

from drydock.core.ipython import has_kernel, is_jupyterlab, running_shell
from drydock.learn import panel_content
from drydock.machine import container_preflight
from drydock.views.events import Events

if TYPE_CHECKING:
    from drydock.learn.lesson import Lesson

#: Says where the panel is: ``docked`` beside the notebook, ``below`` the cell, or ``off``.
PLACE = "DRYDOCK_PANEL"
_CONFLICT_SECONDS = 2.0
#: Closes the panels that a restarted kernel left in the side bar, as a click on their tab's cross does.
_CLOSE_LOST = """
for (const lost of document.querySelectorAll('.jupyterlab-sidecar:has(.jupyter-widgets-disconnected)')) {
  const cross = document.querySelector(`.jp-SideBar [data-id="${lost.id}"] .lm-TabBar-tabCloseIcon`);
  if (!cross) continue;
  const {x, y, width, height} = cross.getBoundingClientRect();
  const click = {bubbles: true, button: 0, clientX: x + width / 2, clientY: y + height / 2};
  for (const type of ['pointerdown', 'pointerup']) cross.dispatchEvent(new PointerEvent(type, click));
}
"""
_AWAY = "The Docker daemon does not answer. The panel asks again by itself."


def place() -> str:
    """Return where a panel can be here; frontends that can't dock one show it below the cell."""
    wanted = os.environ.get(PLACE)
    if wanted in ("docked", "below", "off"):
        return wanted
    if not has_kernel():
        return "off"
    return "docked" if is_jupyterlab() else "below"


def open_panel(lesson: Lesson) -> Panel | None:
    """Open a lesson's panel and return it; None where there is no notebook to show it in."""
    where = place()
    return None if where == "off" else Panel(lesson, where)


class Panel:
    """A widget that follows the daemon until it is closed."""

    def __init__(self, lesson: Lesson, where: str) -> None:
        import ipywidgets as widgets  # type: ignore[import-untyped]

        self._lesson = lesson
        self._client = lesson.engine.client()
        self._before = frozenset(map(panel_content.key, panel_content.rows(self._client)))
        self._shown: list[panel_content.Row] = []
        self._machine = container_preflight.machine_folder(lesson.engine.endpoint.certificates)
        self._conflicts: list[str] = []
        self._running = threading.Event()
        self._widget = widgets.HTML(layout=widgets.Layout(padding="4px 10px", overflow="auto"))
        self._dock = _show(self._widget, lesson.name, where)
        self._events = Events(self._client)
        _register(self)
        self.draw()
        threading.Thread(target=self._follow, name="drydock-panel", daemon=True).start()

    @property
    def html(self) -> str:
        """What the panel shows now."""
        return str(self._widget.value)

    def draw(self) -> None:
        """Show the daemon as it is now."""
        exercises = self._lesson.overview()
        try:
            everything = panel_content.rows(self._client)
        except (DockerException, requests.RequestException, OSError):
            self._widget.value = panel_content.html(self._shown, frozenset(), exercises, _AWAY)
            return
        now = panel_content.of_lesson(everything, self._lesson.name, self._before)
        flashing = panel_content.changed(now, self._shown)
        self._shown = now
        self._conflicts = self._conflicts_of(now)
        self._widget.value = panel_content.html(now, flashing, exercises, "\n".join(self._conflicts))

    def close(self) -> None:
        """Stop following and take the panel away."""
        _unregister(self)
        self._events.close()
        for widget in (self._dock, self._widget):
            if widget is not None:
                widget.close()
        with suppress(Exception):  # its thread may be in the middle of a request
            self._client.close()

    def cell_begins(self, *_: object) -> None:
        """Leave exercises alone from now on: a cell runs."""
        self._running.set()

    def cell_ended(self, *_: object) -> None:
        """Check exercises again: no cell runs."""
        self._running.clear()

    def _conflicts_of(self, shown: list[panel_content.Row]) -> list[str]:
        """Return a line for each port of a machine's containers that a program of this computer has."""
        if self._machine is None:
            return []
        published = {port for row in shown for port in row.ports}
        errors = container_preflight.conflicts(self._machine, published) if published else []
        return [f"{error.what} {error.why} {error.next}" for error in errors]

    def _follow(self) -> None:
        # There is no event when a program frees its port.
        while self._events.wait(_CONFLICT_SECONDS if self._conflicts else None):
            self.draw()
            if not self._running.is_set() and self._lesson.check_watched():
                self.draw()


def _show(widget: Any, name: str, where: str) -> Any:
    """Dock the widget beside the notebook, or display it below the cell; return what has to be closed with it."""
    from IPython.display import Javascript, display

    if where == "below":
        display(widget)  # type: ignore[no-untyped-call]
        return None
    from sidecar import Sidecar  # type: ignore[import-untyped]

    dock = Sidecar(title=f"Docker: {name}", anchor="right")
    with dock:
        display(widget, Javascript(_CLOSE_LOST))  # type: ignore[no-untyped-call]
    return dock


def _register(panel: Panel) -> None:
    if has_kernel():
        shell = running_shell()
        shell.events.register("pre_run_cell", panel.cell_begins)
        shell.events.register("post_run_cell", panel.cell_ended)


def _unregister(panel: Panel) -> None:
    if has_kernel():
        shell = running_shell()
        with suppress(ValueError):  # it was never registered
            shell.events.unregister("pre_run_cell", panel.cell_begins)
            shell.events.unregister("post_run_cell", panel.cell_ended)
