"""A cell with ``%%if_machine`` runs where a machine can be started, and says why not elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from IPython.core.interactiveshell import InteractiveShell

from drydock.core import platform
from drydock.learn import machine_cells


@pytest.fixture
def shell() -> InteractiveShell:
    """An IPython shell of its own."""
    new: Callable[[], InteractiveShell] = InteractiveShell  # which has no types
    return new()


def test_a_cell_runs_where_machines_start(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cell's variables are the notebook's, and its errors reach the notebook."""
    monkeypatch.setattr(machine_cells, "obstacle", lambda: "")
    machine_cells._if_machine(shell, "", "[value] = !echo run\n")
    assert shell.user_ns["value"] == "run"
    with pytest.raises(AssertionError):
        machine_cells._if_machine(shell, "", "assert False\n")


def test_elsewhere_it_says_why_not(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing runs, and the reason is printed."""
    monkeypatch.setattr(machine_cells, "obstacle", lambda: "the program ssh is missing")
    machine_cells._if_machine(shell, "", "raise AssertionError")
    assert capsys.readouterr().out == "Not run, since no machine can be started here: the program ssh is missing.\n"


def test_no_machine_on_other_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS and Windows the platform is the reason."""
    monkeypatch.setattr(platform, "supports_machines", lambda: False)
    machine_cells.obstacle.cache_clear()
    assert machine_cells.obstacle() == platform.NO_MACHINES
    machine_cells.obstacle.cache_clear()
