"""The IPython shell of a process."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from drydock.core import ipython
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


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, True),
        ({"VSCODE_PID": "1"}, False),
        ({"COLAB_GPU": ""}, False),
        ({"VSCODE_PID": "1", "DRYDOCK_STARTED_IN": "/home/ada", "JPY_SESSION_NAME": "/home/ada/a.ipynb"}, True),
        ({"DRYDOCK_STARTED_IN": "/home/ada", "JPY_SESSION_NAME": "/home/ada/a-jvsc-0b1c.ipynb"}, False),
    ],
)
def test_jupyterlab_is_recognized(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: bool) -> None:
    """Also one that was started in VS Code's terminal; VS Code's own kernels, and its sessions there, are none."""
    monkeypatch.setattr(ipython, "has_kernel", lambda: True)
    for name in ("VSCODE_PID", "COLAB_GPU", "DRYDOCK_STARTED_IN", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ipython.is_jupyterlab() == expected
