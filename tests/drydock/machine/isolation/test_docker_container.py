"""The container backend: whose daemon runs it, its image, its limits, and that no container of it remains."""

from __future__ import annotations

import csv
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

_FAILED = "The Docker daemon of this computer can't run the container: "
_SLEEP = ["/bin/sh", "-c", "echo up; exec sleep 600"]


@pytest.fixture
def daemon() -> Iterator[docker.DockerClient]:
    """Connect to the daemon of this computer, which runs the container."""
    with closing(Endpoint(f"unix://{docker_container.SOCKET}").client()) as client:
        yield client


def containers_mounting(daemon: docker.DockerClient, part: str) -> list[dict[str, Any]]:
    """Return the isolation containers that mount a path with ``part`` in it."""
    containers = daemon.api.containers(all=True, filters={"label": docker_container.CONTAINER_LABEL})
    return [container for container in containers if any(part in mount["Source"] for mount in container["Mounts"])]


def test_without_a_daemon_of_this_computer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a daemon's socket here the backend is unavailable, whatever DOCKER_HOST says."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///var/run/docker.sock")
    monkeypatch.setattr(docker_container, "SOCKET", tmp_path / "docker.sock")
    assert (docker_container.unavailable_reason() or ("",))[0] == "This computer has no Docker daemon of its own."


@pytest.mark.host
def test_a_daemon_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason has docker's own message, and the remedy names the socket."""
    with socket.socket(socket.AF_UNIX) as silent:
        path = Path(os.environ["XDG_RUNTIME_DIR"]) / "silent.sock"
        silent.bind(str(path))
        monkeypatch.setattr(docker_container, "SOCKET", path)
        why, remedy = docker_container.unavailable_reason() or ("", "")
        path.unlink()
    assert why.startswith(_FAILED)
    assert str(path) in remedy


@pytest.mark.nightly
@pytest.mark.host
@pytest.mark.live
def test_a_daemon_of_another_computer(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local socket that leads to a remote daemon is refused, because that daemon can't mount folders from here."""
    path = Path(os.environ["XDG_RUNTIME_DIR"]) / "remote.sock"
    with subprocess.Popen([*ssh_command(machine), "-N", "-L", f"{path}:/var/run/docker.sock"]) as tunnel:
        try:
            wait_for(path.is_socket, "the tunnel", seconds=60)
            monkeypatch.setattr(docker_container, "SOCKET", path)
            why, _ = docker_container.unavailable_reason() or ("", "")
        finally:
            tunnel.terminate()
    path.unlink()
    assert why.startswith(_FAILED)


@pytest.mark.host
@pytest.mark.isolation("container")
def test_the_environment_has_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who works with another daemon still gets a container of this computer's daemon."""
    for name, value in {"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_TLS_VERIFY": "1", "DOCKER_CONTEXT": "no"}.items():
        monkeypatch.setenv(name, value)
    assert docker_container.unavailable_reason() is None


@pytest.mark.host
@pytest.mark.isolation("container")
def test_its_image_is_empty_and_made_once(daemon: docker.DockerClient) -> None:
    """Both calls use the same image id, and that image has no content."""
    first, second = (
        argument
        for argument in (*docker_container.prefix(), *docker_container.prefix())
        if argument.startswith("sha256:")
    )
    assert first == second
    assert daemon.images.get(first).attrs["Size"] == 0


@pytest.mark.host
@pytest.mark.isolation("container")
def test_the_daemon_limits_it(daemon: docker.DockerClient, tmp_path: Path) -> None:
    """Memory and processes are limited, the CPU is the spec's, there are no privileges, and output goes to no log."""
    cpu = max(os.sched_getaffinity(0))
    spec = SandboxSpec(writable=[tmp_path], memory_mb=64, cpu=cpu)
    with subprocess.Popen([*docker_container.prefix(spec), *_SLEEP], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        (container,) = containers_mounting(daemon, tmp_path.name)
        limits = daemon.api.inspect_container(container["Id"])["HostConfig"]
        process.kill()
    assert (limits["Memory"], limits["PidsLimit"], limits["CpusetCpus"]) == (384 << 20, 4096, str(cpu))
    assert (limits["Privileged"], limits["ReadonlyRootfs"], limits["CapDrop"]) == (False, True, ["ALL"])
    assert limits["LogConfig"]["Type"] == "none"
    wait_for(lambda: not containers_mounting(daemon, tmp_path.name), "the container to be removed", seconds=60)


@pytest.mark.host
@pytest.mark.isolation("container")
def test_on_sigterm_it_ends_after_its_container(daemon: docker.DockerClient, tmp_path: Path) -> None:
    """On SIGTERM the container is removed before the process ends, so that waiting for the process is enough."""
    argv = [*docker_container.prefix(SandboxSpec(writable=[tmp_path])), *_SLEEP]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()
        process.wait(timeout=20)
        assert containers_mounting(daemon, tmp_path.name) == []


@pytest.mark.host
@pytest.mark.isolation("container")
def test_the_container_of_root_runs_as_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """For root, a file that nobody can't read is an error; for another user, the container has that user's number."""
    secret = tmp_path / "secret"
    secret.write_text("")
    secret.chmod(0o600)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    with pytest.raises(NoIsolation, match="can't read") as caught:
        docker_container.prefix(SandboxSpec(read_only=[secret]))
    assert str(secret) in caught.value.next
    monkeypatch.setattr(os, "getuid", lambda: 1234)
    argv = docker_container.prefix(SandboxSpec(read_only=[secret]))
    assert argv[argv.index("--user") + 1] == f"1234:{os.getgid()}"


@pytest.fixture
def confined(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Boot a confined machine in this backend."""
    monkeypatch.setenv(backends.VARIABLE, "container")
    with Machine(memory_mb=512, confined=True) as machine:
        yield machine
    gone(machine.name)


@pytest.mark.host
@pytest.mark.live
@pytest.mark.isolation("container")
@pytest.mark.parametrize("killed", [pytest.param("supervisor", marks=pytest.mark.nightly), "container"])
def test_a_machine_leaves_nothing_however_it_ends(confined: Machine, daemon: docker.DockerClient, killed: str) -> None:
    """No container remains when supervisor or kernel is killed, and the machine counts as killed from outside."""
    assert len(containers_mounting(daemon, confined.name)) == 2
    assert confined.instance.settings().isolation == "container"
    if killed == "supervisor":
        os.kill(confined.supervisor_pid(), signal.SIGKILL)
    else:
        (kernel,) = containers_mounting(daemon, f"machines/{confined.name}/work")
        daemon.api.kill(kernel["Id"])
    assert confined.was_killed()
    wait_for(lambda: not containers_mounting(daemon, confined.name), "the containers to be removed", seconds=60)


@pytest.mark.host
@pytest.mark.live
@pytest.mark.isolation("container")
def test_a_stopped_machine_is_gone_at_once(confined: Machine, daemon: docker.DockerClient) -> None:
    """When ``stop`` returns, the daemon has removed the machine's containers."""
    confined.stop()
    assert containers_mounting(daemon, confined.name) == []


def test_a_path_with_a_comma_is_one_field() -> None:
    """The option of a mount is CSV: a comma or a quote in a path does not end the field."""
    assert docker_container._bind(Path("/a"), Path("/b")) == "type=bind,source=/a,target=/b"
    fields = next(csv.reader([docker_container._bind(Path('/a,"b'), Path("/c"))]))
    assert fields == ["type=bind", 'source=/a,"b', "target=/c"]
