"""The search for an engine: providers in order, the first usable one, and all reasons if there is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drydock import engine
from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.engine import discovery
from drydock.engine.engine import Engine
from drydock.engine.providers import local_socket, new_machine, running_machine
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NoEngine, ToolsMissing, UnknownEngine
from drydock.machine import Machine


@pytest.fixture
def restored(no_docker: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment without Docker that is restored after ``start()`` has changed it."""
    yield no_docker
    environment.restore()


def test_order_of_providers() -> None:
    """The most explicit choice is asked first, and a new machine is the last resort."""
    names = [provider.NAME for provider in discovery.PROVIDERS]
    assert names == ["DOCKER_HOST", "docker context", "local socket", "running machine", "new machine"]


def test_no_engine(no_machines: None) -> None:
    """If no provider has an engine, the error lists all providers with their reasons."""
    with pytest.raises(NoEngine) as caught:
        engine.start()
    assert [name for name, _ in caught.value.answers] == [provider.NAME for provider in discovery.PROVIDERS]
    assert "Drydock machines run on Linux x86-64 only" in str(caught.value)


def test_missing_package_is_named(no_docker: pytest.MonkeyPatch) -> None:
    """If a machine only lacks a package, the error names it."""
    no_docker.setattr("drydock.machine.obstacles", lambda: [ToolsMissing(["slirp4netns"], "run a machine")])
    with pytest.raises(NoEngine, match="apt-get install -y slirp4netns"):
        engine.start()


def test_unknown_kind(no_docker: pytest.MonkeyPatch) -> None:
    """A misspelt kind of engine is an error that lists the kinds."""
    with pytest.raises(UnknownEngine, match="host, machine"):
        engine.start("machin")


def test_requested_kind(no_docker: pytest.MonkeyPatch) -> None:
    """With a requested kind, by variable or by argument, providers of the other kind are not asked."""
    no_docker.setenv(discovery.ENGINE_VARIABLE, "host")
    candidates = {candidate.name: candidate for candidate in discovery.detect()}
    assert candidates[new_machine.NAME].reason.startswith("not asked")
    candidates = {candidate.name: candidate for candidate in discovery.detect("machine")}
    assert candidates[local_socket.NAME].reason.startswith("not asked")


def test_a_user_without_a_home_folder(no_home: pytest.MonkeyPatch) -> None:
    """No provider fails: the reasons have what to set, and a daemon that DOCKER_HOST names would be found."""
    with pytest.raises(NoEngine) as caught:
        engine.find()
    answers = dict(caught.value.answers)
    assert answers["local socket"] == "there is none in the usual places"
    assert "Set HOME to a folder" in answers["running machine"]
    assert "Set HOME to a folder" in answers["new machine"]


@pytest.mark.host
def test_start_sets_docker_host(restored: pytest.MonkeyPatch, host: Endpoint) -> None:
    """After ``start()`` DOCKER_HOST is the daemon's address, and a second call selects that."""
    restored.setattr(local_socket, "SYSTEM_SOCKET", Path(host.host.removeprefix("unix://")))
    first = engine.start()
    assert (os.environ["DOCKER_HOST"], first.selected.name) == (host.host, local_socket.NAME)
    second = engine.start()
    assert (second.endpoint, second.selected.name) == (first.endpoint, "DOCKER_HOST")


@pytest.mark.live
@pytest.mark.timeout(600)
def test_start_boots_a_machine(restored: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without another engine a machine is booted, shares the folder, and is found again while it runs."""
    (tmp_path / "note").write_text("from this computer")
    restored.setenv("HOME", str(tmp_path))
    started = engine.start(shares=[tmp_path], owned=True)
    try:
        assert (started.selected.name, started.machine) == (new_machine.NAME, "default")
        with closing(started.client()) as client:
            binds = {str(tmp_path): {"bind": "/work", "mode": "ro"}}
            output = client.containers.run(
                "drydock/busybox:1.37", "cat /work/note", volumes=binds, remove=True, labels={LABEL: "tests"}
            )
        assert output == b"from this computer"
        assert engine.start("machine").selected.name == "DOCKER_HOST"
        restored.delenv("DOCKER_HOST")
        assert engine.find("machine").selected.name == running_machine.NAME
        environment.use(started.endpoint)
        with pytest.raises(NoEngine, match="it is the address of a machine, but the host was requested"):
            engine.find("host")
    finally:
        if started.booted_machine is not None:
            started.booted_machine.remove()


@pytest.mark.parametrize("here", [True, False])
def test_only_a_machine_that_was_booted_here_is_stopped_later(no_docker: pytest.MonkeyPatch, here: bool) -> None:
    """The engine has its machine only then: another process uses the one that it has booted meanwhile."""
    machine = Machine("default")
    no_docker.setattr(Machine, "endpoint", Endpoint("unix:///nowhere"))
    booted: list[Machine | None] = []
    no_docker.setattr(Engine, "inspect", lambda *facts, booted_machine: booted.append(booted_machine))
    candidate = Candidate("new machine", "machine", "it can be", boot=lambda shares, owned: (machine, here))
    discovery.connect(candidate, (candidate,))
    assert booted == [machine if here else None]


def test_system_folders_are_not_shared(tmp_path: Path) -> None:
    """A folder that a machine has itself can't be shared with it; a user's own folder can."""
    assert discovery.shareable(tmp_path) == [tmp_path]
    assert discovery.shareable(Path("/")) == []
    assert discovery.shareable(Path("/usr")) == []


def test_nothing_is_shared_without_machines(no_machines: None, tmp_path: Path) -> None:
    """On a platform without machines no folder is shared."""
    assert discovery.shareable(tmp_path) == []
