"""The container as a wall: whose daemon, what image, and that neither a container nor a process of it is left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from drydock.core.endpoint import Endpoint
from drydock.core.waiting import wait_for
from drydock.errors import NoIsolation
from drydock.machine import Machine
from drydock.machine.isolation import backends, docker_container
from drydock.machine.isolation.sandbox_spec import SandboxSpec
from drydock.machine.ssh import ssh_command
from tests.drydock.machine.test_machine import gone


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """Each test finds out for itself whether it can stand."""
    docker_container.why_not.cache_clear()
    yield
    docker_container.why_not.cache_clear()


@pytest.fixture
def daemon() -> Iterator[docker.DockerClient]:
    """The daemon of this computer, that puts it up."""
    with closing(Endpoint(f"unix://{docker_container.SOCKET}").client()) as client:
        yield client


def of(daemon: docker.DockerClient, word: str) -> list[dict[str, Any]]:
    """The containers that are walls and see a path with that word."""
    found = daemon.api.containers(all=True, filters={"label": docker_container.OURS})
    return [one for one in found if any(word in mount["Source"] for mount in one["Mounts"])]


def test_without_a_daemon_of_this_computer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It can't stand, whatever daemon the environment points at."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///var/run/docker.sock")
    monkeypatch.setattr(docker_container, "SOCKET", tmp_path / "docker.sock")
    assert (docker_container.why_not() or ("",))[0] == "this computer has no Docker of its own"


@pytest.mark.host
def test_a_daemon_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Docker said is the reason, and the way out names the socket."""
    with socket.socket(socket.AF_UNIX) as deaf:
        path = Path(os.environ["XDG_RUNTIME_DIR"]) / "deaf.sock"
        deaf.bind(str(path))
        monkeypatch.setattr(docker_container, "SOCKET", path)
        why, next = docker_container.why_not() or ("", "")
        path.unlink()
    assert why.startswith("its Docker puts up no container: ")
    assert str(path) in next


@pytest.mark.host
@pytest.mark.live
def test_a_daemon_of_another_computer(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket here may lead to a daemon elsewhere, a machine of ours for one: that sees no folder of ours."""
    path = Path(os.environ["XDG_RUNTIME_DIR"]) / "far.sock"
    with subprocess.Popen([*ssh_command(machine), "-N", "-L", f"{path}:/var/run/docker.sock"]) as tunnel:
        try:
            wait_for(path.is_socket, "the way there", seconds=20)
            monkeypatch.setattr(docker_container, "SOCKET", path)
            why, _ = docker_container.why_not() or ("", "")
        finally:
            tunnel.terminate()
    path.unlink()
    assert why.startswith("its Docker puts up no container: ")


@pytest.mark.host
@pytest.mark.wall("container")
def test_the_environment_leads_it_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever works with another daemon, over TLS, still has a wall of this computer's."""
    for name, value in {"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_TLS_VERIFY": "1", "DOCKER_CONTEXT": "no"}.items():
        monkeypatch.setenv(name, value)
    assert docker_container.why_not() is None


@pytest.mark.host
@pytest.mark.wall("container")
def test_its_image_is_empty_and_made_once(daemon: docker.DockerClient) -> None:
    """Nothing is in it and nothing is pulled for it: it is named by its id."""
    first, second = (
        word for word in (*docker_container.prefix(), *docker_container.prefix()) if word.startswith("sha256:")
    )
    assert first == second
    assert daemon.images.get(first).attrs["Size"] == 0


@pytest.mark.host
@pytest.mark.wall("container")
def test_the_daemon_keeps_it_within_limits(daemon: docker.DockerClient, tmp_path: Path) -> None:
    """Its memory and processes have an end, its CPU is the one that it was given, and its output fills no log."""
    cpu = max(os.sched_getaffinity(0))
    inside = SandboxSpec(write=[tmp_path], memory_mb=64, cpu=cpu)
    words = [*docker_container.prefix(inside), "/bin/sh", "-c", "echo up; exec sleep 600"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        (one,) = of(daemon, tmp_path.name)
        limits = daemon.api.inspect_container(one["Id"])["HostConfig"]
        process.kill()
    assert (limits["Memory"], limits["PidsLimit"], limits["CpusetCpus"]) == (384 << 20, 4096, str(cpu))
    assert (limits["Privileged"], limits["ReadonlyRootfs"], limits["CapDrop"]) == (False, True, ["ALL"])
    assert limits["LogConfig"]["Type"] == "none"
    wait_for(lambda: not of(daemon, tmp_path.name), "it to be removed", seconds=20)


@pytest.mark.host
@pytest.mark.wall("container")
def test_told_to_end_it_ends_when_it_is_removed(daemon: docker.DockerClient, tmp_path: Path) -> None:
    """Whoever waits for it after that finds nothing left."""
    words = [*docker_container.prefix(SandboxSpec(write=[tmp_path])), "/bin/sh", "-c", "echo up; exec sleep 600"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()
        process.wait(timeout=20)
        assert of(daemon, tmp_path.name) == []


@pytest.mark.host
@pytest.mark.wall("container")
def test_what_root_starts_is_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is told when nobody can't read what is to be read there; anybody else is who they are, with their files."""
    secret = tmp_path / "secret"
    secret.write_text("")
    secret.chmod(0o600)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    with pytest.raises(NoIsolation, match="can't read") as caught:
        docker_container.prefix(SandboxSpec(read=[secret]))
    assert str(secret) in caught.value.next
    monkeypatch.setattr(os, "getuid", lambda: 1234)
    words = docker_container.prefix(SandboxSpec(read=[secret]))
    assert words[words.index("--user") + 1] == f"1234:{os.getgid()}"


@pytest.fixture
def walled(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A confined machine behind it."""
    monkeypatch.setenv(backends.CHOICE, "container")
    with Machine(memory_mb=512, confined=True) as machine:
        yield machine
    gone(machine.name)


@pytest.mark.host
@pytest.mark.live
@pytest.mark.wall("container")
@pytest.mark.parametrize("who", ["supervisor", "container"])
def test_a_machine_leaves_nothing_however_it_ends(walled: Machine, daemon: docker.DockerClient, who: str) -> None:
    """A supervisor that is killed takes all along; who kills a container from here is not taken for a submission."""
    assert [len(of(daemon, walled.name)), walled.home.settings().wall] == [2, "container"]
    if who == "supervisor":
        os.kill(walled.supervisor_pid(), signal.SIGKILL)
    else:
        (kernel,) = of(daemon, f"machines/{walled.name}/work")
        daemon.api.kill(kernel["Id"])
    assert walled.was_killed()
    wait_for(lambda: not of(daemon, walled.name), "its containers to go", seconds=20)


@pytest.mark.host
@pytest.mark.live
@pytest.mark.wall("container")
def test_a_machine_that_ends_is_gone_at_once(walled: Machine, daemon: docker.DockerClient) -> None:
    """Nobody has to wait for the daemon to tidy up."""
    walled.stop()
    assert of(daemon, walled.name) == []
