"""What every test stands on: a private ground for machines, a host daemon where there is one, nothing left behind."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator, Iterator

import pytest

from drydock.core.endpoint import Endpoint
from drydock.machine.isolation import backends
from tests import leaks
from tests.machines import client, last_words, machine

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
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a parallel run a file's tests stay together, and so do all that use the one daemon of this computer.

    First come the pod and the building of a machine's parts, on which most others wait; then the groups that may take
    longest, so that at the end nobody works for minutes while the other has nothing to do.
    """
    longest: dict[str, float] = defaultdict(float)
    for item in items:
        longest[_group(item)] += _seconds(item)
    items.sort(
        key=lambda item: (item.path.parent.name != "pod", item.path.name != "test_build.py", -longest[_group(item)])
    )
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    return "host" if item.get_closest_marker("host") else item.nodeid.partition("::")[0]


def _seconds(item: pytest.Item) -> float:
    """What a test may take, of those that boot or drive something; next to nothing for all others."""
    if not any(map(item.get_closest_marker, ("live", "host", "browser"))):
        return 0.01
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 300.0


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run in parallel where xdist doesn't keep the groups: tests would get into each other's way."""
    if session.config.getoption("loadgroup", False):
        alone = [item.nodeid for item in session.items if "@" not in item.nodeid]
        assert alone == [], "this pytest-xdist can't read groups from this pytest: see pyproject.toml"


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
    if (mark := item.get_closest_marker("wall")) and (why := _no_wall(*mark.args)):
        pytest.skip(f"no wall can be put around a machine here, as in most containers: {why[0]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside what a failed test with a machine says stands what the machines said: some break once in many hours."""
    report = yield
    if report.failed and any(map(item.get_closest_marker, ("live", "wall"))):
        report.sections.append(("the machines", last_words()))
    return report


def _no_wall(name: str | None = None) -> tuple[str, str] | None:
    """Why the wall of that name, or any, can't stand here."""
    return backends.named(name).why_not() if name else backends.why_not()
