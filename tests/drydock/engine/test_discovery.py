"""The search: in order, the first that can give a Docker, and when nobody can, everybody's reason."""

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
from drydock.engine.providers import local_socket, new_machine, running_machine
from drydock.errors import NoEngine, ToolsMissing, UnknownEngine


@pytest.fixture
def restored(bare: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment is put back, whatever ``start()`` wrote into it."""
    yield bare
    environment.leave()


def test_the_order_is_the_contracts() -> None:
    """The most explicit place is asked first, and a new machine is the last resort."""
    names = [place.NAME for place in discovery.PLACES]
    assert names == ["DOCKER_HOST", "docker context", "local socket", "running machine", "new machine"]


def test_nobody_has_one(elsewhere: None) -> None:
    """When none works, the error lists each one asked and why it declined."""
    with pytest.raises(NoEngine) as caught:
        engine.start()
    assert [name for name, _ in caught.value.answers] == [place.NAME for place in discovery.PLACES]
    assert "machines exist on Linux x86-64 only" in str(caught.value)


def test_an_obstacle_to_a_machine_is_in_the_message(bare: pytest.MonkeyPatch) -> None:
    """Where only a package is missing, the message names it."""
    bare.setattr("drydock.machine.why_not", lambda: ToolsMissing(["slirp4netns"], "run a machine"))
    with pytest.raises(NoEngine, match="apt-get install -y slirp4netns"):
        engine.start()


def test_a_choice_that_is_none(bare: pytest.MonkeyPatch) -> None:
    """A misspelt choice is told, and not taken for no choice."""
    with pytest.raises(UnknownEngine, match="Use one of: host, machine"):
        engine.start("machin")


def test_a_choice_is_kept(bare: pytest.MonkeyPatch) -> None:
    """Who asks for one kind is not given the other; the variable asks as the argument does."""
    bare.setenv(discovery.CHOICE, "host")
    answers = {candidate.name: candidate for candidate in discovery.ask()}
    assert answers[new_machine.NAME].reason.startswith("not asked")
    answers = {candidate.name: candidate for candidate in discovery.ask("machine")}
    assert answers[local_socket.NAME].reason.startswith("not asked")


@pytest.mark.host
def test_start_points_this_process_at_the_host(restored: pytest.MonkeyPatch, host: Endpoint) -> None:
    """After ``start()`` the real ``docker.from_env()`` finds the daemon, and a second call finds what the first set."""
    restored.setattr(local_socket, "SYSTEM", Path(host.host.removeprefix("unix://")))
    first = engine.start()
    assert (os.environ["DOCKER_HOST"], first.taken.name) == (host.host, local_socket.NAME)
    again = engine.start()
    assert (again.endpoint, again.taken.name) == (first.endpoint, "DOCKER_HOST")


@pytest.mark.live
@pytest.mark.timeout(600)
def test_start_boots_a_machine(restored: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is nothing else a machine is booted, found again while it runs, and shows the shared folder."""
    (tmp_path / "note").write_text("from this computer")
    restored.setenv("HOME", str(tmp_path))
    booted = engine.start(shares=[tmp_path], owned=True)
    try:
        assert (booted.taken.name, booted.machine) == (new_machine.NAME, "default")
        with closing(booted.client()) as client:
            binds = {str(tmp_path): {"bind": "/work", "mode": "ro"}}
            said = client.containers.run(
                "drydock/busybox:1.37", "cat /work/note", volumes=binds, remove=True, labels={LABEL: "tests"}
            )
        assert said == b"from this computer"
        assert engine.start("machine").taken.name == "DOCKER_HOST"
        restored.delenv("DOCKER_HOST")
        assert engine.find("machine").taken.name == running_machine.NAME
        environment.point_here(booted.endpoint)
        with pytest.raises(NoEngine, match="it leads to a machine, and you asked for the host"):
            engine.find("host")
    finally:
        if booted.booted is not None:
            booted.booted.remove()


def test_system_folders_are_not_shared(tmp_path: Path) -> None:
    """A folder that a machine has itself can't be shown to it; a folder of one's own can."""
    assert discovery.shareable(tmp_path) == [tmp_path]
    assert discovery.shareable(Path("/")) == []
    assert discovery.shareable(Path("/usr")) == []


def test_without_machines_nothing_is_shared(elsewhere: None, tmp_path: Path) -> None:
    """Where there are no machines there is nobody to share with."""
    assert discovery.shareable(tmp_path) == []
