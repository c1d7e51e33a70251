"""Fixtures and hooks of all tests: folders of the run's own, the daemon of this computer, nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.machine.isolation import backends
from tests import groups, kernel_fault, leaks, resumed_run
from tests.machines import build_parts, client, last_log_lines, machine, start_again

__all__ = ["client", "machine"]

_RUN = pytest.StashKey[leaks.Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make test-all`."""
    parser.addoption(resumed_run.OPTION, action="store_true", help="leave out what passed before an interruption")


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run once: the workers of a parallel run inherit its folders."""
    config.pluginmanager.register(kernel_fault)
    worker = getattr(config, "workerinput", None)
    if config.getoption(resumed_run.OPTION):
        config.pluginmanager.register(resumed_run.resumed(config.rootpath, worker))
    if worker is None:
        config.stash[_RUN] = leaks.Run()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the run when every worker has ended; it fails if anything is left behind."""
    run = session.config.stash.get(_RUN, None)
    leftovers = run.close() if run is not None else []
    if leftovers:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("\nleft behind by the tests:", *leftovers, sep="\n")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a parallel run, form the groups of tests that share a worker."""
    if config.getoption("loadgroup", False):
        groups.arrange(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fail if xdist ignores the groups: tests of one group would disturb each other on several workers."""
    if session.config.getoption("loadgroup", False):
        without_group = [item.nodeid for item in session.items if "@" not in item.nodeid]
        assert without_group == [], "this pytest-xdist can't read groups from this pytest: see pyproject.toml"


@pytest.hookimpl(tryfirst=True, wrapper=True)  # outside of what pytest-timeout measures
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Build the machine's parts before the first test that needs them: that takes minutes, and is no test's time."""
    if item.get_closest_marker("live"):
        build_parts()
    return (yield)


@pytest.fixture(autouse=True)
def same_environment() -> Iterator[None]:
    """Restore the environment variables after each test: a test may point this process at a daemon."""
    before = dict(os.environ)
    yield
    environment.restore()  # it would put back this test's variables in the middle of a later one
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def host() -> Endpoint:
    """The Docker daemon of this computer; only for tests marked `host`."""
    endpoint = leaks.host_daemon()
    assert endpoint is not None, "mark the test with `host`"
    return endpoint


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test, with the reason, if it needs what this computer doesn't have; have the shared machine run."""
    if item.get_closest_marker("host") and leaks.host_daemon() is None:
        address = os.environ.get("DOCKER_HOST", leaks.SOCKET)
        pytest.skip(f"no Docker daemon on this computer: nothing answers at {address}")
    if (marker := item.get_closest_marker("isolation")) and (reason := _no_isolation(*marker.args)):
        pytest.skip(f"no isolation backend works here, as in most containers: {reason[0]}")
    if item.get_closest_marker("live"):
        start_again()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the machines' logs to the report of a failed test: some failures come once in many hours."""
    report = yield
    if report.failed and any(map(item.get_closest_marker, ("live", "isolation"))):
        report.sections.append((kernel_fault.SECTION, last_log_lines()))
    return report


def _no_isolation(name: str | None = None) -> tuple[str, str] | None:
    """Return why the isolation backend of that name, or any, can't be used here."""
    return backends.by_name(name).unavailable_reason() if name else backends.unavailable_reason()
