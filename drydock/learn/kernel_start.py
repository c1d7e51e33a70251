"""An IPython extension for each new kernel of a lesson: it explains a ``NameError`` before the first cell has run.

``drydock lab`` has a kernel specification that loads it. It imports next to nothing, so that a kernel starts as fast.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

#: The errors that are explained until ``drydock.start()`` installs its own handler.
KINDS = (NameError,)
#: Names that the first cells of the course's notebooks define.
KNOWN = {"client", "lesson", "drydock", "views", "engine", "docker", "check", "token"}


def load_ipython_extension(shell: Any) -> None:
    """Explain errors from now on; a handler of the user's own stays."""
    # JupyterLab draws the colours of a traceback on red: on a light page most of them can't be read there.
    shell.colors = "nocolor"
    if not shell.custom_exceptions:
        shell.set_custom_exc(KINDS, show)


def show(
    shell: Any, kind: type[NameError], error: NameError, trace: TracebackType, tb_offset: int | None = None
) -> None:
    """Show a ``NameError``: with what to do, if it is a name that the cells above would have defined."""
    if error.name not in KNOWN and shell.execution_count > 2:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    from drydock.errors import NameLost
    from drydock.learn import traceback_view

    traceback_view.show(shell, NameLost(str(error.name)), (kind, error, trace), tb_offset)
