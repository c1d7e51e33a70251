"""What every test stands on: a private ground for machines, a host daemon where there is one, nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from drydock.core.endpoint import Endpoint
from drydock.machine.isolation import backends
from tests import groups, leaks
from tests.machines import build_parts, client, last_words, machine

__all__ = ["client", "machine"]

_GROUND = pytest.StashKey[leaks.LeftBehind]()


def pytest_configure(config: pytest.Config) -> None:
    """Open the ground that all tests share; the workers of a parallel run inherit it."""
    if not hasattr(config, "workerinput"):
        config.stash[_GROUND] = leaks.LeftBehind()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Close it when every worker has ended: whatever is still there makes the run a failure."""
    ground = session.config.stash.get(_GROUND, None)
    left = ground.close() if ground is not None else []
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        print("\nleft behind by the tests:", *left, sep="\n")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a parallel run, form the groups of tests that share a worker."""
    if config.getoption("loadgroup", False):
        groups.arrange(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run in parallel where xdist doesn't keep the groups: tests would get into each other's way."""
    if session.config.getoption("loadgroup", False):
        alone = [item.nodeid for item in session.items if "@" not in item.nodeid]
        assert alone == [], "this pytest-xdist can't read groups from this pytest: see pyproject.toml"


@pytest.hookimpl(tryfirst=True, wrapper=True)  # outside of what pytest-timeout measures
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Build the machine's parts before the first test that needs them: that takes minutes, and is no test's time."""
    if item.get_closest_marker("live"):
        build_parts()
    return (yield)


@pytest.fixture(autouse=True)
def same_environment() -> Iterator[None]:
    """A test may point this process at a daemon of its own: the next begins with the variables that this one had."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def host() -> Endpoint:
    """The daemon of this computer; only for tests marked `host`."""
    found = leaks.host_daemon()
    assert found is not None, "mark the test with `host`"
    return found


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave a test out, saying why, when it needs what this computer can't give."""
    if item.get_closest_marker("host") and leaks.host_daemon() is None:
        address = os.environ.get("DOCKER_HOST", leaks.SOCKET)
        pytest.skip(f"no Docker daemon on this computer: nothing answers at {address}")
    if (marker := item.get_closest_marker("isolation")) and (reason := _no_isolation(*marker.args)):
        pytest.skip(f"no isolation backend works here, as in most containers: {reason[0]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside what a failed test with a machine says stands what the machines said: some break once in many hours."""
    report = yield
    if report.failed and any(map(item.get_closest_marker, ("live", "isolation"))):
        report.sections.append(("the machines", last_words()))
    return report


def _no_isolation(name: str | None = None) -> tuple[str, str] | None:
    """Return why the isolation backend of that name, or any, can't be used here."""
    return backends.by_name(name).unavailable_reason() if name else backends.unavailable_reason()
