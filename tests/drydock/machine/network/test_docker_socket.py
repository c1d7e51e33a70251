"""The Unix socket of a machine's Docker daemon, with a real machine."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from drydock.machine import Machine
from drydock.machine.store.instance import Instance
from tests.machines import BUSYBOX, MINE, sweep

pytestmark = pytest.mark.live

#: Megabytes of a long stream.
_MEGABYTES = 40


@pytest.fixture
def over_socket(machine: Machine) -> Iterator[docker.DockerClient]:
    """A client that uses the shared machine's Unix socket."""
    with closing(machine.instance.socket_endpoint.client()) as client:
        yield client
        sweep(client)


def close(stream: Any, raw: socket.socket) -> None:
    """Close docker-py's stream and the socket below it, which docker-py leaves open."""
    stream._response.close()
    stream.close()
    raw.close()


def half_closed(client: docker.DockerClient, command: str, data: bytes) -> bytes:
    """Run a command in a new container, send it all data, end that direction, and return its whole output."""
    container = client.containers.run(BUSYBOX, ["sleep", "60"], detach=True, labels=MINE)
    execution = client.api.exec_create(container.id, ["sh", "-c", command], stdin=True, stdout=True, tty=False)
    stream: Any = client.api.exec_start(execution["Id"], socket=True)
    raw: socket.socket = stream._sock
    raw.settimeout(60)
    raw.sendall(data)
    raw.shutdown(socket.SHUT_WR)
    received = b""
    while chunk := raw.recv(65536):
        received += chunk
    close(stream, raw)
    return received[8:]  # without the header of the first frame


def test_the_socket_is_the_user_s_own(machine: Machine) -> None:
    """Only the user may enter its folder and connect, and its path is short enough for any program."""
    path = Path(machine.instance.socket_endpoint.host.removeprefix("unix://"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(str(path).encode()) < 108


def test_a_half_closed_connection_gets_its_output(over_socket: docker.DockerClient) -> None:
    """A command that reads to the end of its input sees that end, and its output arrives."""
    assert half_closed(over_socket, "cat", b"hello") == b"hello"


def test_a_command_may_end_its_output_first(over_socket: docker.DockerClient) -> None:
    """A command that closed its output still reads all of its input."""
    volumes = {"socket-test": {"bind": "/v", "mode": "rw"}}
    try:
        container = over_socket.containers.create(
            BUSYBOX, ["sh", "-c", "exec >&- 2>&-; cat > /v/input"], stdin_open=True, labels=MINE, volumes=volumes
        )
        stream: Any = over_socket.api.attach_socket(
            str(container.id), {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        )
        container.start()
        raw: socket.socket = stream._sock
        raw.sendall(b"late")
        raw.shutdown(socket.SHUT_WR)
        container.wait(timeout=60)
        close(stream, raw)
        output = over_socket.containers.run(BUSYBOX, ["cat", "/v/input"], remove=True, volumes=volumes)
        assert output == b"late"
        container.remove()
    finally:
        over_socket.volumes.get("socket-test").remove(force=True)


def test_a_long_stream_is_complete(over_socket: docker.DockerClient) -> None:
    """Archives of many megabytes pass in both directions without a change."""
    container = over_socket.containers.run(BUSYBOX, ["sleep", "300"], detach=True, labels=MINE)
    container.exec_run(["sh", "-c", f"head -c {_MEGABYTES}000000 /dev/urandom > /tmp/data"])
    chunks, _ = container.get_archive("/tmp/data")
    archive = b"".join(chunks)
    assert len(archive) > _MEGABYTES * 1_000_000
    assert container.exec_run(["mkdir", "/copy"]).exit_code == 0
    container.put_archive("/copy", archive)
    assert container.exec_run(["cmp", "/tmp/data", "/copy/data"]).exit_code == 0


@pytest.mark.isolation
def test_an_isolated_machine_has_no_socket() -> None:
    """A machine for grading gets no other way in than its TLS port."""
    with Machine(memory_mb=512, confined=True) as machine:
        sockets = Path(Instance(machine.name).state()["sockets"])
        assert not [path for path in sockets.rglob("*") if path.name == "docker.sock"]
