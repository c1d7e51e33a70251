"""The comparison of nbgrader as it comes with ours."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from scripts import bench_grading
from scripts.bench_grading import ROOT, Took


def test_a_side_is_told_per_submission() -> None:
    """On the clock, in processor seconds, and how many fit into a minute."""
    console = Console(file=io.StringIO(), record=True, width=100)
    console.print(bench_grading.table({"theirs": Took(120, 60, 24), "ours": Took(180, 240, 24)}))
    lines = [line.split() for line in console.export_text().splitlines()]
    assert lines[1] == ["theirs", "24", "120", "5.0", "2.5", "12.0"]
    assert lines[2] == ["ours", "24", "180", "7.5", "10.0", "8.0"]


def test_nbgrader_as_it_comes_knows_nothing_of_us() -> None:
    """Its own preprocessors run and mark; the folders stay where the class is."""
    config = bench_grading._as_it_comes((ROOT / "nbgrader_config.py").read_text())
    assert "build/submitted" in config
    assert "c.Autograde" not in config


@pytest.mark.host
@pytest.mark.isolation
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_both_sides_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """One submission is enough to see that it works."""
    assert bench_grading.main(["--submissions", "1", "--workers", "1"]) == 0
    assert "ours / nbgrader, on the clock:" in capsys.readouterr().out
