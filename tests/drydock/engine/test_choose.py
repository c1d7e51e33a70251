"""The search: in order, the first that can give a Docker, and when nobody can, everybody's reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drydock import engine
from drydock.endpoint import Endpoint
from drydock.engine import choose, fresh, local, mark, running
from drydock.errors import BadChoice, NoEngine, ToolsMissing
from drydock.paths import LABEL


@pytest.fixture
def restored(bare: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment is put back, whatever ``start()`` wrote into it."""
    yield bare
    mark.leave()


def test_the_order_is_the_contracts() -> None:
    """The most explicit place is asked first, and a new machine is the last resort."""
    names = [place.NAME for place in choose.PLACES]
    assert names == ["DOCKER_HOST", "docker context", "local socket", "running machine", "new machine"]


def test_nobody_has_one(elsewhere: None) -> None:
    """When none works, the error lists each one asked and why it declined."""
    with pytest.raises(NoEngine) as caught:
        engine.start()
    assert [name for name, _ in caught.value.answers] == [place.NAME for place in choose.PLACES]
    assert "machines exist on Linux x86-64 only" in str(caught.value)


def test_an_obstacle_to_a_machine_is_in_the_message(bare: pytest.MonkeyPatch) -> None:
    """Where only a package is missing, the message names it."""
    bare.setattr("drydock.machine.why_not", lambda: ToolsMissing(["slirp4netns"], "run a machine"))
    with pytest.raises(NoEngine, match="apt-get install -y slirp4netns"):
        engine.start()


def test_a_choice_that_is_none(bare: pytest.MonkeyPatch) -> None:
    """A misspelt choice is told, and not taken for no choice."""
    with pytest.raises(BadChoice, match="say one of: host, machine"):
        engine.start("machin")


def test_a_choice_is_kept(bare: pytest.MonkeyPatch) -> None:
    """Who asks for one kind is not given the other; the variable asks as the argument does."""
    bare.setenv(choose.CHOICE, "host")
    answers = {candidate.name: candidate for candidate in choose.ask()}
    assert answers[fresh.NAME].reason.startswith("not asked")
    answers = {candidate.name: candidate for candidate in choose.ask("machine")}
    assert answers[local.NAME].reason.startswith("not asked")


@pytest.mark.host
def test_start_points_this_process_at_the_host(restored: pytest.MonkeyPatch, host: Endpoint) -> None:
    """After ``start()`` the real ``docker.from_env()`` finds the daemon, and a second call finds what the first set."""
    restored.setattr(local, "SYSTEM", Path(host.host.removeprefix("unix://")))
    first = engine.start()
    assert (os.environ["DOCKER_HOST"], first.taken.name) == (host.host, local.NAME)
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
        assert (booted.taken.name, booted.machine) == (fresh.NAME, "default")
        with closing(booted.client()) as client:
            binds = {str(tmp_path): {"bind": "/work", "mode": "ro"}}
            said = client.containers.run(
                "drydock/busybox:1.37", "cat /work/note", volumes=binds, remove=True, labels={LABEL: "tests"}
            )
        assert said == b"from this computer"
        assert engine.start("machine").taken.name == "DOCKER_HOST"
        restored.delenv("DOCKER_HOST")
        assert engine.find("machine").taken.name == running.NAME
        mark.point_here(booted.endpoint)
        with pytest.raises(NoEngine, match="it leads to a machine, and you asked for the host"):
            engine.find("host")
    finally:
        if booted.booted is not None:
            booted.booted.remove()
