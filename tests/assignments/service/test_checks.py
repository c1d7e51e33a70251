"""The checks of `service` with unusual containers, in a machine; test submissions show the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from docker import DockerClient

from autograder.checks.context import CheckContext
from autograder.checks.runner import run
from autograder.sandbox.machine_sandbox import MachineSandbox
from autograder.verdict import Result
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from tests.autograder.conftest import load_assignment
from tests.tiers import by_day

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]

SERVE = "mkdir -p /site; echo the-token > /site/index.html; exec httpd -f -vv -p 80 -h /site"

#: What makes a service right in every way; each case below changes something.
RIGHT: dict[str, Any] = {
    "image": "drydock/busybox:1.37",
    "command": ["sh", "-c", SERVE],
    "ports": {"80/tcp": ("127.0.0.1", 8080)},
    "mem_limit": "16m",
    "restart_policy": {"Name": "always"},
}

#: Near misses: what is changed, which checks fail (the others pass or are skipped), words of the first reason.
MISSES: dict[str, tuple[dict[str, Any], set[str], str]] = {
    "restarting in circles": ({"command": ["sh", "-c", "echo no page; exit 3"]}, {"running"}, "no page"),
    "circles of some seconds": (
        {"command": ["sh", "-c", f"({SERVE}) & sleep 4; exit 3"], "restarted": True},
        {"running"},
        "not for 8 seconds",
    ),
    "created, not started": ({"start": False}, {"running"}, "created"),
    "no port": ({"ports": {}}, {"published", "answers", "token", "logs"}, "no port at all"),
    "two ports, one for everybody": (
        {"ports": {"80/tcp": ("127.0.0.1", 8080), "81/tcp": 8181}},
        {"published"},
        "other computers can reach it",
    ),
    "wrong port inside": (
        {"ports": {"81/tcp": ("127.0.0.1", 8080)}},
        {"answers", "token", "logs"},
        "Asked on port 8080",
    ),
    "no front page": (
        {"command": ["sh", "-c", "mkdir /site; exec httpd -f -vv -p 80 -h /site"]},
        {"answers", "token"},
        "status 404",
    ),
    "too much memory": ({"mem_limit": "600m"}, {"memory"}, "600.0 MB"),
    "a log nobody can read": ({"log_config": {"Type": "none"}}, {"logs"}, "It is empty"),
    "starts once only": (
        {"command": ["sh", "-ec", SERVE.replace("mkdir -p", "mkdir")]},
        {"restarts"},
        "did not come back",
    ),
    "comes back without its page": (
        {
            "command": [
                "sh",
                "-c",
                f"[ -e /been ] && mkdir -p /no && exec httpd -f -vv -p 80 -h /no; touch /been; {SERVE}",
            ]
        },
        {"restarts"},
        "did not come back",
    ),
    "comes back dumb": (
        {"command": ["sh", "-c", f"[ -e /been ] && exec sleep 600; touch /been; {SERVE}"]},
        {"restarts"},
        "did not come back",
    ),
    "thrown away when it ends": ({"restart_policy": None, "auto_remove": True}, {"restarts"}, "policy is `no`"),
}

#: Other ways of being right: each policy that brings a program back when it was killed.
POLICIES = ("always", "unless-stopped", "on-failure")


@pytest.fixture
def client(sandbox: MachineSandbox) -> Iterator[DockerClient]:
    """A client of the machine; what a case started is gone afterwards."""
    with closing(sandbox.client()) as opened:
        yield opened
        for container in opened.containers.list(all=True, ignore_removed=True, filters={"label": LABEL}):
            container.remove(force=True)


def looked_at(sandbox: MachineSandbox, client: DockerClient, **changes: Any) -> dict[str, Result]:
    """What the checks see of a service that is right but for some changes."""
    settings = {**RIGHT, "name": "service", "labels": {LABEL: "test"}, **changes}
    start, restarted = settings.pop("start", True), settings.pop("restarted", False)
    service = client.containers.create(**settings)
    if start:
        service.start()
    if restarted:
        wait_for(lambda: client.containers.get("service").attrs["RestartCount"], "a restart", seconds=60)
    results = run(load_assignment("service").checks, CheckContext(client, sandbox.reach, "the-token"))
    return {result.id.partition(".")[2]: result for result in results}


def test_the_right_service_passes(sandbox: MachineSandbox, client: DockerClient) -> None:
    """The right answer that each near miss changes."""
    results = looked_at(sandbox, client)
    assert {name: result.reason for name, result in results.items() if result.state != "passed"} == {}


@pytest.mark.parametrize("policy", by_day(POLICIES, []))
def test_a_service_that_was_killed_is_given_back(sandbox: MachineSandbox, client: DockerClient, policy: str) -> None:
    """It runs and answers as before, the second look too; nothing of the check's own is left."""
    for _ in range(2):
        results = looked_at(sandbox, client, restart_policy={"Name": policy})
        assert results["restarts"].state == "passed"
        service = client.containers.get("service")
        assert (service.status, service.attrs["RestartCount"]) == ("running", 1)
        assert [container.name for container in client.containers.list(all=True)] == ["service"]
        service.remove(force=True)


@pytest.mark.parametrize("case", by_day(MISSES, ["two ports, one for everybody", "too much memory"]))
def test_a_near_miss_fails_what_it_misses(sandbox: MachineSandbox, client: DockerClient, case: str) -> None:
    """It fails these checks and no other, and the reason says what was seen."""
    changes, missed, words = MISSES[case]
    results = looked_at(sandbox, client, **changes)
    assert {name for name, result in results.items() if result.state == "failed"} == missed
    first = next(result for result in results.values() if result.state == "failed")
    assert words in first.reason
    assert first.hint


def test_no_container_fails_the_first_check_only(sandbox: MachineSandbox, client: DockerClient) -> None:
    """The others have nothing to look at, and nothing is no pass."""
    results = run(load_assignment("service").checks, CheckContext(client, sandbox.reach, "the-token"))
    assert [result.state for result in results] == ["failed"] + ["skipped"] * 6


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("changes", "check", "advice"),
    [
        ({"start": False}, "running", "never started"),
        ({"command": ["true"], "restart_policy": None}, "running", "yours has ended"),
        ({"ports": {}}, "published", "Without `-p`"),
        ({"command": ["sh", "-c", SERVE.replace("the-token", "Directory listing for /")]}, "token", "which folder"),
    ],
)
def test_the_hint_is_about_what_was_seen(
    sandbox: MachineSandbox, client: DockerClient, changes: dict[str, Any], check: str, advice: str
) -> None:
    """A container that never started, one whose work is done, no port, and a list of files have hints of their own."""
    assert advice in looked_at(sandbox, client, **changes)[check].hint
