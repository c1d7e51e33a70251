"""A run that goes on where an earlier one was interrupted: ``--resume`` leaves out what passed with the same files.

The tests of the night take hours. What has passed is written down at once, so that also a run that is killed keeps it.
When all tests have passed, the next run begins from the start.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from drydock.core.paths import cache_folder
from drydock.machine.artifacts import kernel_source
from drydock.machine.store import artifact_cache
from tests.architecture import tree

OPTION = "--resume"
_INPUT = "passed_before"


class ResumedRun:
    """The tests that passed before, and a file with a line for each that passes now.

    A worker of a parallel run has no file: the run that started it receives all results.
    """

    def __init__(self, before: frozenset[str], file: Path | None) -> None:
        self._before, self._file = before, file
        self._called: set[str] = set()

    def pytest_report_header(self) -> str:
        """Say how many tests are left out."""
        return f"resumed: {len(self._before)} tests passed before, with the same files"

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give the names to a worker of xdist: all have to collect the same tests, however late they start."""
        node.workerinput[_INPUT] = sorted(self._before)

    @pytest.hookimpl(tryfirst=True)  # before xdist adds groups to names, and before these are arranged
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what passed before."""
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in self._before])
        items[:] = [item for item in items if item.nodeid not in self._before]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down a test that passed, when its fixtures have ended too."""
        if report.when == "call" and report.passed:
            self._called.add(report.nodeid)
        if report.when == "teardown" and report.passed and report.nodeid in self._called and self._file:
            with self._file.open("a") as file:
                file.write(f"{_without_group(report.nodeid)}\n")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Forget all when nothing is left to be run."""
        if self._file and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            self._file.unlink(missing_ok=True)


def resumed(root: Path, worker: Mapping[str, Any] | None) -> ResumedRun:
    """Return the run of the checkout ``root``; ``worker`` is the input of a worker, None in the run that starts it."""
    if worker is not None:
        return ResumedRun(frozenset(worker[_INPUT]), None)
    file = cache_folder() / "tests" / f"resumed-{artifact_cache.key(_versions_and_files(root))}"
    file.parent.mkdir(parents=True, exist_ok=True)
    for other in set(file.parent.glob("resumed-*")) - {file}:
        other.unlink()
    return ResumedRun(frozenset(file.read_text().splitlines() if file.exists() else ()), file)


def _versions_and_files(root: Path) -> Iterator[str | Path]:
    yield platform.python_version()
    yield kernel_source.default()
    for path in tree.files(root):
        yield str(path.relative_to(root))
        yield path


def _without_group(nodeid: str) -> str:
    """Return the name of a test as pytest gives it; xdist adds a group, whose name is that of a file or a word."""
    name, separator, group = nodeid.rpartition("@")
    return name if separator and "]" not in group else nodeid
