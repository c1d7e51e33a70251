"""The sandbox: a machine of its own, in isolation or without."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from autograder.grade import grade_one
from autograder.sandbox import machine_sandbox
from autograder.sandbox.machine_sandbox import INNER, MachineSandbox
from autograder.submission import Submission
from drydock.machine.isolation import backends
from tests.autograder.conftest import load_assignment, notebook_named
from tests.machines import BUSYBOX


@pytest.mark.live
@pytest.mark.isolation
def test_a_machine_is_a_sandbox() -> None:
    """It has a daemon of its own with the images of the course, and nothing of anybody else's, inside all layers."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as client:
        assert client.containers.list(all=True) == []
        assert client.images.get("drydock/kernel:1")
        assert sandbox.isolation == (backends.choose().NAME, *INNER)
        known = client.containers.run(BUSYBOX, ["cat", "/proc/filesystems"], privileged=True, remove=True)
        assert b"hostfs" not in known


@pytest.mark.nightly
@pytest.mark.live
@pytest.mark.host
@pytest.mark.isolation("container")
@pytest.mark.timeout(300)
def test_a_container_isolates_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Perfect work gets all points there, and its verdict names the layers."""
    monkeypatch.setenv(backends.VARIABLE, "container")
    verdict = grade_one(Submission("ada", "service", notebook_named("perfect")), MachineSandbox(), load_assignment())
    assert (verdict.state, verdict.score) == ("graded", verdict.max)
    assert verdict.isolation == ("container", "machine", "proxy")


@pytest.mark.live
def test_without_isolation_it_says_so() -> None:
    """Without isolation there is still a machine, and no other layer is named."""
    with MachineSandbox(isolated=False) as sandbox, closing(sandbox.client()) as client:
        assert client.ping()
        assert sandbox.isolation == ("machine",)


def test_another_one_is_of_the_same_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that travels gets as much memory on the other computer, and the same isolation."""
    made = list[tuple[int, bool]]()

    def machine(*, memory_mb: int, confined: bool, **_: Any) -> None:
        made.append((memory_mb, confined))

    monkeypatch.setattr(machine_sandbox, "Machine", machine)
    MachineSandbox(2048, isolated=False).another().another()
    assert made == [(2048, False)] * 3
