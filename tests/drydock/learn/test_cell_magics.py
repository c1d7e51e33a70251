"""A cell with such a magic runs where what it needs is there, and says why not elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from IPython.core.interactiveshell import InteractiveShell

from drydock.learn import cell_magics


@pytest.fixture
def shell() -> InteractiveShell:
    """An IPython shell of its own."""
    new: Callable[[], InteractiveShell] = InteractiveShell  # which has no types
    return new()


def test_a_cell_runs_without_an_obstacle(shell: InteractiveShell) -> None:
    """The cell's variables are the notebook's, and its errors reach the notebook."""
    cell_magics.run(shell, str, "Not run", "", "[value] = !echo run\n")
    assert shell.user_ns["value"] == "run"
    with pytest.raises(AssertionError):
        cell_magics.run(shell, str, "Not run", "", "assert False\n")


def test_elsewhere_it_says_why_not(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing runs, and the reason is printed."""
    cell_magics.run(shell, lambda: "the program ssh is missing", "Not run", "", "raise AssertionError")
    assert capsys.readouterr().out == "Not run: the program ssh is missing.\n"
