"""The plug-in for the known fault of Debian's kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel_fault import FAULT, SECTION

pytest_plugins = ["pytester"]

#: The hook that adds a machine's log to a failed test's report, as tests/conftest.py does.
HOOK = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.failed:
        report.sections.append(({section!r}, {log!r}))
    return report
"""
#: A test that fails with the first machine.
SUITE = """
import pytest

BOOTED = []

@pytest.fixture(scope="module")
def machine():
    BOOTED.append("a machine")
    return len(BOOTED)

@pytest.mark.live
def test_it(machine):
    assert machine == 2
"""


@pytest.mark.parametrize(("log", "passed"), [(f"panic: {FAULT}, ip 0x60", 1), ("panic: out of memory", 0)])
def test_only_the_known_fault_gives_a_second_run(pytester: pytest.Pytester, log: str, passed: int) -> None:
    """After it, the test runs again with a new machine; after any other end, it has failed."""
    pytester.makeconftest(HOOK.format(section=SECTION, log=log))
    pytester.makepyfile(SUITE)
    pytester.makeini(f"[pytest]\npythonpath = {Path(__file__).parents[1]}\nmarkers = live")
    result = pytester.runpytest_subprocess("-p", "tests.kernel_fault", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=passed, failed=1 - passed)
