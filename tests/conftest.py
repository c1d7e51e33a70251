"""What every test stands on: a private ground for machines, a host daemon where there is one, nothing left behind."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.endpoint import Endpoint
from tests import leaks
from tests.machines import client, machine

__all__ = ["client", "machine"]

#: Whatever a test starts inherits this variable, so that a process left behind tells whose it is.
SESSION = "DRYDOCK_TEST_SESSION"


@pytest.fixture(scope="session", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Machines and sockets of this run get folders of their own, and none may be left when it ends.

    The cache stays the user's: what is in it is meant to be kept, and takes minutes to build.
    """
    token = secrets.token_hex(8)
    data = Path(tempfile.mkdtemp(prefix="dd-test-"))
    runtime = Path(tempfile.mkdtemp(prefix="dd-test-", dir="/tmp"))  # sockets: the path must be short
    labelled = leaks.labelled(leaks.host_daemon())
    patch = pytest.MonkeyPatch()
    patch.setenv(SESSION, token)
    patch.setenv("XDG_DATA_HOME", str(data))
    patch.setenv("XDG_RUNTIME_DIR", str(runtime))
    try:
        yield
        left = leaks.report(f"{SESSION}={token}", data, runtime, labelled)
    finally:
        patch.undo()
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(runtime, ignore_errors=True)
    assert not left, "left behind by the tests:\n" + "\n".join(left)


@pytest.fixture(scope="session")
def host() -> Endpoint:
    """The daemon of this computer; only for tests marked `host`."""
    found = leaks.host_daemon()
    assert found is not None, "mark the test with `host`"
    return found


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave a test out, saying why, when it needs a host daemon and there is none."""
    if item.get_closest_marker("host") and leaks.host_daemon() is None:
        address = os.environ.get("DOCKER_HOST", leaks.SOCKET)
        pytest.skip(f"no Docker daemon on this computer: nothing answers at {address}")
