"""Rows, ratios and the printed table."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from drydock.machine.bench import results_table

MACHINE = {"api_s": 3.0, "run_s": 0.9, "exec_s": 0.1, "rss_mb": 230.0, "cpu_s": 0.6}
HOST = {"run_s": 0.6, "exec_s": 0.05}
QEMU = {"api_s": 30.0, "run_s": 4.5}


def result(**changes: Any) -> dict[str, Any]:
    """Return the result of a run, with some values replaced."""
    default = {
        "daemons": {"compiled": MACHINE, "host": HOST, "qemu": QEMU},
        "absent": {},
        "rounds": 5,
        "when": "2026-01-02T03:04+00:00",
        "cpus": 2,
        "load": [0.1, 0.2],
    }
    return default | changes


def printed(figures: dict[str, Any]) -> str:
    """Return what is printed on a terminal with 80 columns."""
    out = io.StringIO()
    results_table.show(figures, Console(file=out, width=80))
    return out.getvalue()


def row(text: str, title: str) -> list[str]:
    """Return the cells of a row."""
    return next(line for line in text.splitlines() if line.startswith(title)).removeprefix(title).split()


def test_ratios_need_both_figures() -> None:
    """There is no ratio without both figures, without the other daemon, or with a zero to divide by."""
    assert results_table.ratio(MACHINE, HOST) == {"run_s": 1.5, "exec_s": 2.0}
    assert results_table.ratio(MACHINE, None) == {}
    assert results_table.ratio({"cpu_s": 0.5}, {"cpu_s": 0.0}) == {}


def test_figures_and_ratios_in_a_row() -> None:
    """A row has each daemon's figure, then machine / host, then QEMU / machine."""
    text = printed(result())
    assert row(text, results_table.ROWS["run_s"]) == ["0.9", "0.6", "4.5", "1.5", "5"]
    assert row(text, results_table.ROWS["api_s"]) == ["3", "-", "30", "-", "10"]


def test_a_row_without_figures_is_left_out() -> None:
    """A row that was measured for no daemon is not printed."""
    assert results_table.ROWS["load_mb_s"] not in printed(result())


def test_absent_daemons_are_listed() -> None:
    """The reason is printed below the table, and the daemon's ratios are left out."""
    text = printed(result(daemons={"debian": MACHINE}, absent={"qemu": "it is not installed"}))
    assert "Without QEMU: it is not installed." in text
    assert row(text, results_table.ROWS["run_s"]) == ["0.9"]


def test_the_circumstances_are_printed() -> None:
    """Date, rounds, CPUs and load are printed below the table."""
    assert "2026-01-02: medians of 5, measured in turns on 2 CPUs (load 0.1 before, 0.2 after)" in printed(result())


@pytest.mark.parametrize(("name", "value"), [("api_s", 3.12), ("run_s", 3.123), ("rss_mb", 3.1), ("cp_out_mb_s", 3.1)])
def test_precision(name: str, value: float) -> None:
    """Each figure is rounded to its precision."""
    assert results_table.rounded(name, 3.1234) == value


def test_the_full_table_fits_a_terminal() -> None:
    """With all daemons and all rows, no line is wrapped."""
    figures = dict.fromkeys(results_table.ROWS, 1234.567)
    daemons = dict.fromkeys(results_table.TITLES, figures)
    lines = printed(result(daemons=daemons)).splitlines()
    assert len([line for line in lines if "1234.57" in line]) == len(results_table.ROWS)
