"""A picture below a cell: part of the notebook's saved outputs, and replaced in place while it is displayed."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any

from drydock.core.ipython import has_kernel, running_shell
from drydock.views.svg import SvgBuilder

_SIZE = re.compile(r'<svg [^>]*?width="([0-9.]+)" height="([0-9.]+)"')
_LABEL = re.compile(r'aria-label="([^"]*)"')
#: The heights of a message above a picture, and of its time below it.
_MESSAGE_HEIGHT, _TIME_HEIGHT = 28, 18


class View:
    """A picture in a cell's output.

    It is HTML: a widget is gone without its kernel, and HTML stays in the saved notebook.
    """

    def __init__(self, svg: str) -> None:
        self.svg = svg
        self._display_id = f"drydock-{uuid.uuid4().hex}"
        #: The shell of the notebook that displays it. IPython hides it from threads while no cell runs.
        self._shell: Any = None

    def show(self, svg: str) -> None:
        """Replace the picture, also in each output that displays it."""
        if svg != self.svg:
            self.svg = svg
            if self._shell is not None:
                self._publish(self._shell, update=True)

    def close(self) -> None:
        """Do nothing: this picture doesn't change by itself."""

    def __repr__(self) -> str:
        return f"<{description(self.svg)}>"

    def _ipython_display_(self) -> None:
        """Display the picture; IPython calls this for the value of a cell and for ``display(view)``."""
        shell = running_shell()
        if shell is not None:
            self._publish(shell, update=False)
        if has_kernel():  # IPython in a terminal would print each new picture
            self._shell = shell

    def _publish(self, shell: Any, *, update: bool) -> None:
        bundle = {"text/html": self.svg, "text/plain": repr(self)}
        transient = {"display_id": self._display_id}
        shell.display_pub.publish(data=bundle, metadata={}, transient=transient, update=update)


def description(svg: str) -> str:
    """Return the description that the picture has for screen readers."""
    match = _LABEL.search(svg)
    return unescape(match[1]) if match else "a picture"


def with_message(svg: str, message: str, *, is_error: bool = True) -> str:
    """Return the picture with a message above it; below an error it is faded."""
    width, height = _size(svg)
    canvas = SvgBuilder(width)
    canvas.text(10, 18, message, "error" if is_error else "dim", max_width=width - 20)
    fade = ' opacity="0.5"' if is_error else ""
    canvas.embed(svg.replace("<svg ", f'<svg y="{_MESSAGE_HEIGHT}"{fade} ', 1))
    return canvas.render(height + _MESSAGE_HEIGHT, f"{message}; before: {description(svg)}")


def with_time(svg: str, time: str) -> str:
    """Return the picture with the time of what it shows below it."""
    width, height = _size(svg)
    canvas = SvgBuilder(width)
    canvas.embed(svg)
    canvas.text(width - 8, height + 12, time, "small dim", anchor="end")
    return canvas.render(height + _TIME_HEIGHT, f"{description(svg)}; {time}")


def _size(svg: str) -> tuple[int, float]:
    """Return a picture's width and height in pixels."""
    match = _SIZE.match(svg)
    return (int(match[1]), float(match[2])) if match else (600, 0.0)


#: The picture before anything was drawn.
EMPTY = SvgBuilder(600).render(0, "nothing yet", empty=True)
