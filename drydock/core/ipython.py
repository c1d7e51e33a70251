"""The IPython shell of this process, without an import of IPython where there is none."""

from __future__ import annotations

import builtins
import os
from typing import Any


def running_shell() -> Any:
    """Return the running IPython shell, or None outside of IPython."""
    # Inside IPython this function is a builtin.
    get_ipython = getattr(builtins, "get_ipython", None)
    return get_ipython() if get_ipython else None


def has_kernel() -> bool:
    """Return whether this process is the kernel of a notebook, where widgets work, and not IPython in a terminal."""
    return hasattr(running_shell(), "kernel")


def is_jupyterlab() -> bool:
    """Return whether the notebook is in JupyterLab, as far as is known, and not in VS Code or Colab.

    Kernels of a JupyterLab that was started in VS Code's terminal have VS Code's variables, too. ``drydock lab`` sets
    one of its own; VS Code may use that server, and gives its sessions names with ``-jvsc-``.
    """
    if not has_kernel():
        return False
    if "DRYDOCK_STARTED_IN" in os.environ:
        return "-jvsc-" not in os.environ.get("JPY_SESSION_NAME", "")
    return not any(name.startswith(("VSCODE_", "COLAB_")) for name in os.environ)


#: Hides what JupyterLab shows in place of a widget whose kernel has stopped, a line without any element in it; and the
#: saved picture where a widget with the class ``drydock-live`` shows the same.
_STYLE = """<style>
.jp-OutputArea-output.jupyter-widgets:not(:has(*)) {display: none}
.jp-OutputArea:has(.drydock-live) .jp-RenderedHTML > svg.dd {display: none}
</style>"""


def display_widget(widget: Any) -> None:
    """Display a widget below the running cell; a saved notebook that is opened without its kernel shows nothing of it.

    Elsewhere than in a notebook, do nothing.
    """
    if has_kernel():
        from IPython.display import HTML, display

        display(HTML(_STYLE), widget)  # type: ignore[no-untyped-call]
