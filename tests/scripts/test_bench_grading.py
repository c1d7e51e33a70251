"""The comparison of unmodified nbgrader with Drydock."""

from __future__ import annotations

import io
import os
from unittest.mock import MagicMock

import pytest
from docker.errors import NotFound
from rich.console import Console

from scripts import bench_grading
from scripts.bench_grading import ROOT, Measurement


def test_figures_for_each_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has seconds and CPU seconds for each submission, how busy the CPUs were, and submissions a minute."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    measurements = {"nbgrader": Measurement(120, 60, 24), "drydock": Measurement(180, 240, 24)}
    console = Console(file=io.StringIO(), record=True, width=100)
    console.print(bench_grading.table(measurements))
    lines = [line.split() for line in console.export_text().splitlines()]
    assert lines[1] == ["nbgrader", "24", "120", "5.0", "2.5", "25%", "12.0"]
    assert lines[2] == ["drydock", "24", "180", "7.5", "10.0", "67%", "8.0"]


def test_unmodified_nbgrader_has_no_plugin_of_ours() -> None:
    """The configuration for unmodified nbgrader keeps the folders and loads nothing of Drydock's."""
    config = (ROOT / "nbgrader_config.py").read_text()
    assert "autograder.gradebook" in config
    unmodified = bench_grading.unmodified(config)
    assert "build/submitted" in unmodified
    assert "autograder.gradebook" not in unmodified
    assert "configure" not in unmodified


def test_a_failed_run_is_reported_as_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it has left no container that could be removed."""
    daemon = MagicMock()
    daemon.containers.list.return_value = []
    daemon.containers.get.side_effect = NotFound("No such container: service")
    monkeypatch.setattr("drydock.core.endpoint.Endpoint.client", lambda endpoint: daemon)
    monkeypatch.setattr("drydock.images.build", lambda client: None)
    with pytest.raises(RuntimeError, match="nbgrader failed"), bench_grading._prepared_daemon():
        raise RuntimeError("nbgrader failed")


@pytest.mark.host
@pytest.mark.isolation
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_both_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """The benchmark runs to its end with one submission."""
    assert bench_grading.main(["--submissions", "1", "--workers", "1"]) == 0
    assert "time, Drydock / nbgrader:" in capsys.readouterr().out
