"""An error's message in a notebook, with the traceback of the original error folded below it."""

from __future__ import annotations

import re
from html import escape
from types import TracebackType
from typing import Any

from drydock.core.ipython import has_kernel
from drydock.errors import DrydockError

Raised = tuple[type[BaseException], BaseException, TracebackType]

#: JupyterLab breaks the lines of an error anywhere; those of a message are broken between words.
_STYLE = """<style>
.jp-OutputArea:has(.drydock-traceback) .jp-RenderedText pre {word-break: normal; overflow-wrap: anywhere}
</style>"""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def show(shell: Any, message: DrydockError, raised: Raised, tb_offset: int | None = None) -> None:
    """Show ``message`` as the cell's error, and below it what was ``raised``, folded; a terminal shows the message."""
    shell.showtraceback((type(message), message, raised[2]))
    if has_kernel():
        lines = shell.InteractiveTB.structured_traceback(*raised, tb_offset=tb_offset)
        text = _COLOURS.sub("", shell.InteractiveTB.stb2text(lines))
        shell.display_pub.publish(data={"text/html": _html(text), "text/plain": ""}, metadata={})


def _html(traceback: str) -> str:
    folded = f"<summary>Python’s traceback</summary><pre>{escape(traceback)}</pre>"
    return f'{_STYLE}<details class="drydock-traceback">{folded}</details>'
