"""A database asked from beside it, in a machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.probes import database
from autograder.sandbox.machine_sandbox import MachineSandbox
from drydock.core.waiting import wait_for
from tests.tiers import by_day

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]

IMAGE = "drydock/postgres:17"
NAMED_IN_A_FILE = {"POSTGRES_PASSWORD": "a", "POSTGRES_USER_FILE": "/etc/hostname"}
NAMED = {"POSTGRES_PASSWORD": "a", "POSTGRES_USER": "clerk"}
OWNERS: dict[str, dict[str, Any]] = {
    "postgres": {"environment": {"POSTGRES_PASSWORD": "a"}},
    "clerk": {"environment": NAMED, "init": True, "network_mode": "none"},
    "ada": {"environment": NAMED_IN_A_FILE, "hostname": "ada"},
}


@pytest.fixture(scope="module")
def context() -> Iterator[CheckContext]:
    """The check context of one machine for all tests."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as client:
        yield CheckContext(client, sandbox.reach, "a-token")


def started(context: CheckContext, **settings: Any) -> Container:
    """A database that is ready; with as little as a student may give it."""
    container = context.docker.containers.run(
        IMAGE, detach=True, cap_drop=["ALL"], security_opt=["no-new-privileges"], **settings
    )
    ready = ["pg_isready", "--quiet", "--host=127.0.0.1"]
    wait_for(lambda: container.exec_run(ready).exit_code == 0, "the database", seconds=240)
    return container


@pytest.mark.parametrize("owner", by_day(OWNERS, ["postgres"]))
def test_its_owner_asks(context: CheckContext, owner: str) -> None:
    """The owner is found, however it was configured."""
    container = started(context, **OWNERS[owner])
    try:
        asked = "psql --tuples-only --no-align --command='SELECT current_user, rolpassword IS NULL FROM pg_authid"
        assert database.psql_output(context, container, f"{asked} WHERE rolname = current_user'") == f"{owner}|f\n"
        assert f"ROLE {owner}" in database.psql_output(context, container, "pg_dumpall --globals-only")
    finally:
        container.remove(force=True, v=True)


def test_over_the_network_the_owner_needs_a_password(context: CheckContext) -> None:
    """The container's own addresses lead to it from there."""
    container = started(context, environment={"POSTGRES_PASSWORD": "a"})
    try:
        container.reload()
        address = container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
        output = database.psql_output(
            context, container, f"psql --no-password --host={address} --command='SELECT 1' 2>&1"
        )
        assert "no password supplied" in output
    finally:
        container.remove(force=True, v=True)


@pytest.mark.nightly
def test_who_takes_too_long_is_told(context: CheckContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes silence for an empty answer."""
    monkeypatch.setattr(database, "_SECONDS", 2)
    container = started(context, environment={"POSTGRES_PASSWORD": "a"})
    try:
        with pytest.raises(Failed, match="no answer within 2 s"):
            database.psql_output(context, container, "sleep 60")
    finally:
        container.remove(force=True, v=True)
