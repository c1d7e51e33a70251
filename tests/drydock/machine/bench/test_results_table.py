"""Rows, ratios and the table, from figures."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from drydock.machine.bench import results_table

OURS = {"api_s": 3.0, "run_s": 0.9, "exec_s": 0.1, "rss_mb": 230.0, "cpu_s": 0.6}
HOST = {"run_s": 0.6, "exec_s": 0.05}
QEMU = {"api_s": 30.0, "run_s": 4.5}


def result(**changes: Any) -> dict[str, Any]:
    """What a run gives, with some of it changed."""
    usual = {
        "sides": {"compiled": OURS, "host": HOST, "qemu": QEMU},
        "absent": {},
        "rounds": 5,
        "when": "2026-01-02T03:04+00:00",
        "cpus": 2,
        "load": [0.1, 0.2],
    }
    return usual | changes


def shown(figures: dict[str, Any]) -> str:
    """What a person sees, on a terminal of the usual width."""
    out = io.StringIO()
    results_table.show(figures, Console(file=out, width=80))
    return out.getvalue()


def row(text: str, title: str) -> list[str]:
    """The cells of a row."""
    return next(line for line in text.splitlines() if line.startswith(title)).removeprefix(title).split()


def test_ratios_are_of_what_both_have() -> None:
    """Without the figure, without the other side, or with nothing to divide by, there is no ratio."""
    assert results_table.ratio(OURS, HOST) == {"run_s": 1.5, "exec_s": 2.0}
    assert results_table.ratio(OURS, None) == {}
    assert results_table.ratio({"cpu_s": 0.5}, {"cpu_s": 0.0}) == {}


def test_figures_and_ratios_in_a_row() -> None:
    """A row has each side, then the machine beside the host, then QEMU beside the machine."""
    text = shown(result())
    assert row(text, results_table.ROWS["run_s"]) == ["0.9", "0.6", "4.5", "1.5", "5"]
    assert row(text, results_table.ROWS["api_s"]) == ["3", "-", "30", "-", "10"]


def test_a_row_that_nobody_has_is_left_out() -> None:
    """What was not measured takes no room."""
    assert results_table.ROWS["load_mb_s"] not in shown(result())


def test_who_is_not_there_and_why() -> None:
    """The reason is said under the table, and the columns of ratios go with the side."""
    text = shown(result(sides={"debian": OURS}, absent={"qemu": "it is not installed"}))
    assert "Without QEMU: it is not installed." in text
    assert row(text, results_table.ROWS["run_s"]) == ["0.9"]


def test_the_table_has_its_date() -> None:
    """Day, rounds, CPUs and load stand under it, since figures mean nothing without."""
    assert "2026-01-02: medians of 5, taken in turns on 2 CPUs (load 0.1 before, 0.2 after)" in shown(result())


@pytest.mark.parametrize(("name", "value"), [("api_s", 3.12), ("run_s", 3.123), ("rss_mb", 3.1)])
def test_digits(name: str, value: float) -> None:
    """A figure has as many digits as it is good for."""
    assert results_table.rounded(name, 3.1234) == value


def test_full_table_fits_a_terminal() -> None:
    """With every side and every row, no line is broken."""
    everything = dict.fromkeys(results_table.ROWS, 1234.567)
    sides = dict.fromkeys(results_table.SIDES, everything)
    lines = shown(result(sides=sides)).splitlines()
    assert len([line for line in lines if "1234.57" in line]) == len(results_table.ROWS)
