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
