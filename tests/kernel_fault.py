"""A pytest plug-in: Debian's kernel 6.12 may panic when a process is killed in the middle of a fork (docs/design.md).

A test whose machine ended by that fault, and by no other, runs a second time, with new fixtures. The report names it.
The compiled kernel does not have the fault.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.runner import runtestprotocol

#: What the kernel prints; the address is that of the marker which a failed ``dup_mmap`` leaves.
FAULT = "Kernel mode fault at addr 0x40e"
#: The section of a failed test's report that has the machines' logs.
SECTION = "machines"


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test that needs machines, and once more if the fault ended one; only the last run is reported."""
    if not item.get_closest_marker("live"):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if panicked(reports):
        item.session._setupstate.teardown_exact(None)
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        reports[0].sections.append((SECTION, f"This is the second run: a machine's kernel panicked ({FAULT})."))
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def panicked(reports: Iterable[pytest.TestReport]) -> bool:
    """Return whether a failed test's machines show the fault."""
    logs = (text for report in reports if report.failed for name, text in report.sections if name == SECTION)
    return any(FAULT in text for text in logs)
