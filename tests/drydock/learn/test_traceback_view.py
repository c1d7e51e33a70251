"""The message of an error in a notebook, with Python's traceback folded; test_kernel_start has it in a kernel."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from drydock.errors import NameTaken
from drydock.learn import traceback_view


def test_a_terminal_shows_the_message_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """IPython in a terminal can't fold, so it shows no traceback."""
    shell: Any = InteractiveShell.instance(colors="nocolor")
    with pytest.raises(ValueError, match="original") as caught:
        raise ValueError("the original")
    try:
        traceback_view.show(shell, NameTaken("container", "web"), (ValueError, caught.value, caught.tb))
    finally:
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()
    assert capsys.readouterr().out.strip() == str(NameTaken("container", "web"))
