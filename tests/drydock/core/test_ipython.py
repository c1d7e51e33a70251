"""The IPython shell of a process."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from drydock.core.ipython import has_kernel, running_shell


def test_plain_python() -> None:
    """Outside of IPython there is no shell and no kernel."""
    assert running_shell() is None
    assert not has_kernel()


def test_ipython_without_a_kernel() -> None:
    """In IPython the shell is found; without a notebook it has no kernel."""
    shell: Any = InteractiveShell.instance()
    try:
        shell.run_cell("from drydock.core.ipython import has_kernel, running_shell")
        shell.run_cell("result = running_shell(), has_kernel()")
        assert shell.user_ns["result"] == (shell, False)
    finally:
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()
