"""A pytest plug-in that writes each test's outcome to the file ``$PEER_REPORT``, a line of JSON each.

It runs in the suite's own Python, which has neither Drydock nor its tests. A line is written when its test has ended,
so that a run which is stopped keeps what it has.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

_REASON_LENGTH = 2000
#: Read when pytest starts: a test may change the environment. The variable is set there only.
_REPORT = Path(os.environ.get("PEER_REPORT", os.devnull))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write the outcome of a test, and of a step before or after it only when that failed or skipped the test."""
    if report.when == "call" or report.outcome != "passed":
        line = {"test": report.nodeid, "outcome": report.outcome, "reason": _reason(report)[:_REASON_LENGTH]}
        with _REPORT.open("a") as file:
            file.write(json.dumps(line) + "\n")


def _reason(report: pytest.TestReport) -> str:
    if report.outcome == "passed":
        return ""
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"
    if isinstance(report.longrepr, tuple):  # a skipped test: file, line, reason
        return report.longrepr[2]
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longrepr)
