"""The IPython shell of this process, without an import of IPython where there is none."""

from __future__ import annotations

import builtins
from typing import Any


def running_shell() -> Any:
    """Return the running IPython shell, or None outside of IPython."""
    # Inside IPython this function is a builtin.
    get_ipython = getattr(builtins, "get_ipython", None)
    return get_ipython() if get_ipython else None


def has_kernel() -> bool:
    """Return whether this process is the kernel of a notebook, where widgets work, and not IPython in a terminal."""
    return hasattr(running_shell(), "kernel")


#: Hides what JupyterLab shows in place of a widget whose kernel has stopped: a line without any element in it.
_HIDE_LOST_WIDGETS = "<style>.jp-OutputArea-output.jupyter-widgets:not(:has(*)) {display: none}</style>"


def display_widget(widget: Any) -> None:
    """Display a widget below the running cell; a saved notebook that is opened without its kernel shows nothing of it.

    Elsewhere than in a notebook, do nothing.
    """
    if has_kernel():
        from IPython.display import HTML, display

        display(HTML(_HIDE_LOST_WIDGETS), widget)  # type: ignore[no-untyped-call]
