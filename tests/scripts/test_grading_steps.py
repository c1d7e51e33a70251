"""The measurement of what a submission's time is made of."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from scripts import grading_steps
from scripts.bench_grading import cpu_seconds
from scripts.grading_steps import Steps


def test_a_step_lasts_until_the_next_one_begins() -> None:
    """Seconds and CPU seconds are summed up by name, and the time between two submissions belongs to none."""
    readings = iter([1.0, 1.5, 2.5, 2.75])
    steps = Steps(lambda: next(readings))
    for name in ("boot", "check", "boot", ""):
        steps.begin(name)
    assert {name: cpu for name, (_, cpu) in steps.figures.items()} == {"boot": 0.75, "check": 1.0}
    assert all(seconds >= 0 for seconds, _ in steps.figures.values())


def test_the_table_has_medians() -> None:
    """Of each step and of whole submissions, so that one slow submission changes little."""
    rows = [{"boot": (2.0, 1.0), "check": (1.0, 0.5)}, {"boot": (9.0, 9.0), "check": (1.0, 0.25)}]
    rows.append({"boot": (2.5, 1.5), "check": (4.0, 0.75)})
    console = Console(file=io.StringIO(), record=True, width=100)
    console.print(grading_steps.table(rows))
    lines = [line.split() for line in console.export_text().splitlines()]
    assert lines[1:] == [["boot", "2.50", "1.50"], ["check", "1.00", "0.50"], ["a", "submission", "6.50", "2.25"]]


@pytest.mark.parametrize(
    ("line", "file", "usage"),
    [
        ("0::/user.slice/mine", "user.slice/mine/cpu.stat", "usage_usec 2500000\nuser_usec 1\n"),
        ("2:cpuacct:/mine", "cpuacct/mine/cpuacct.usage", "2500000000\n"),
        ("4:cpu,cpuacct:/mine", "cpu,cpuacct/mine/cpuacct.usage", "2500000000\n"),
    ],
)
def test_other_work_does_not_count(tmp_path: Path, line: str, file: str, usage: str) -> None:
    """The CPU time is that of the control group, of either version."""
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(usage)
    (tmp_path / "process").write_text(f"8:pids:/mine\n{line}\n")
    clock, source = grading_steps.cpu_clock(tmp_path, tmp_path / "process")
    assert (clock(), source) == (2.5, "the control group")


def test_without_a_group_of_its_own_everything_counts(tmp_path: Path) -> None:
    """The root of all groups is the computer."""
    (tmp_path / "process").write_text("2:cpuacct:/\n0::/\n")
    assert grading_steps.cpu_clock(tmp_path, tmp_path / "process") == (cpu_seconds, "the whole computer")


@pytest.mark.isolation
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_a_submission_has_all_steps(capsys: pytest.CaptureFixture[str]) -> None:
    """The measurement runs to its end, and each step of a perfect submission has a row."""
    assert grading_steps.main(["--submissions", "1"]) == 0
    printed = capsys.readouterr().out
    for step in ("machine boots", "notebook runs", "results are read", "check `service.restarts`", "feedback"):
        assert step in printed
