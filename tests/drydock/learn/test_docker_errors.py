"""What to do about Docker's errors; the messages are those of dockerd and the docker command 20.10 to 29."""

from __future__ import annotations

import io
import os
import socket
import sys
from types import SimpleNamespace

import pytest

from drydock.errors import (
    DaemonSilent,
    DrydockError,
    FolderMissing,
    ImageNotBuilt,
    ImageUnknown,
    MemoryLimitTooSmall,
    MountNotRead,
    NameLost,
    NameTaken,
    PortPublished,
    ProgramMissing,
    VolumeInUse,
)
from drydock.learn import docker_errors

MISSING = """Unable to find image 'hello-world:latest' locally
docker: Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on \
10.0.0.1:53: no such host."""
CONFLICT = 'Conflict. The container name "/web" is already in use by container "8fc". Remove it.'
ALLOCATED = "driver failed: Bind for 127.0.0.1:8500 failed: port is already allocated."
#: Of a port on which no program listens here, whatever other tests do.
LISTENING = "Error starting userland proxy: listen tcp4 0.0.0.0:1: bind: address already in use."
BIND = 'invalid mount config for type "bind": bind source path does not exist: /srv/site'
NO_BASE = """------
 > [internal] load metadata for docker.io/library/python:3.13:
------
ERROR: failed to solve: failed to do request: dial tcp: connect: network is unreachable"""
NO_PROGRAM = """OCI runtime create failed: runc create failed: unable to start container process: \
exec: "-p": executable file not found in $PATH: unknown"""
IN_USE = f"remove precious: volume is in use - [{'8fc' * 21}0, {'5a3' * 21}1]"
RELATIVE = """invalid mount config for type "volume": invalid mount path: 'data' mount path must be absolute"""
NO_VOLUME_NAME = """create my-site/sub: "my-site/sub" includes invalid characters for a local volume name, only \
"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path"""
SILENT = "Cannot connect to the Docker daemon at unix:///gone.sock. Is the docker daemon running?"


@pytest.mark.parametrize(
    ("message", "kind", "words"),
    [
        (MISSING, ImageUnknown, ["hello-world:latest", "there is no network"]),
        ("pull access denied for nginy, repository does not exist", ImageUnknown, ["nginy", "can be reached"]),
        ("No such image: drydock/debian:13", ImageNotBuilt, ["drydock/debian:13", "drydock images build"]),
        (CONFLICT, NameTaken, ["container", "docker rm -f web"]),
        ("network with name shop already exists", NameTaken, ["docker network rm shop"]),
        (ALLOCATED, PortPublished, ["Port 8500", "Another container", "8501"]),
        (LISTENING, PortPublished, ["Port 1 ", "Another program"]),
        (BIND, FolderMissing, ["/srv/site "]),
        (NO_BASE, ImageUnknown, ["python:3.13. The nearest name is drydock/python:3.13", "there is no network"]),
        (NO_PROGRAM, ProgramMissing, ["the option -p"]),
        ('exec: "/run.sh": stat /run.sh: no such file or directory', ProgramMissing, ["no program /run.sh"]),
        ('exec: \\"seqq\\": executable file not found in $PATH', ProgramMissing, ["no program seqq"]),
        ("Minimum memory limit allowed is 6MB", MemoryLimitTooSmall, ["64m"]),
        (IN_USE, VolumeInUse, ["--filter volume=precious", "docker rm -f 8fc8fc8fc8fc 5a35a35a35a3"]),
        ("invalid mode: or", MountNotRead, ["'or' is wrong", "SOURCE:PATH:ro"]),
        (RELATIVE, MountNotRead, ["'data' is wrong", "begins with /"]),
        (NO_VOLUME_NAME, MountNotRead, ["'my-site/sub' is wrong", "full path"]),
        ("docker: invalid spec: precious:: empty section between colons", MountNotRead, ["'precious:' is wrong"]),
        (SILENT, DaemonSilent, ["unix:///gone.sock."]),
    ],
)
def test_each_message_has_its_help(message: str, kind: type[DrydockError], words: list[str]) -> None:
    """The error has the facts of the message."""
    error = docker_errors.explained(message)
    assert type(error) is kind
    assert [word for word in words if word not in str(error)] == []


@pytest.mark.parametrize(
    "message",
    [
        "No such container: web",
        "Unable to find image 'x' locally\nStatus: Downloaded newer image for x\nexec failed",
        "",
    ],
)
def test_other_messages_speak_for_themselves(message: str) -> None:
    """There is no help for other errors, also not after an image that was pulled."""
    assert docker_errors.explained(message) is None


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("busybox", "drydock/busybox:1.37"),
        ("busibox:latest", "drydock/busybox:1.37"),
        ("drydock/debian", "drydock/debian:13"),
        ("postgres:17", "drydock/postgres:17"),
        ("drydock/pyton:3.13", "drydock/python:3.13"),
        ("wordpress", None),
    ],
)
def test_nearest_name(name: str, tag: str | None) -> None:
    """A name without the course's prefix or version, or with a typing error, leads to the course's image."""
    assert docker_errors.nearest(name, docker_errors.course_images()) == tag


def test_program_reads_the_error_output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The docker command of lessons passes its error output on standard input, and prints what comes back."""
    for message, expected in ((CONFLICT, f"\n{NameTaken('container', 'web')}\n"), ("exit 1", "")):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(message.encode())))
        docker_errors.main()
        assert capsys.readouterr().out == expected


def test_program_names_what_python_has_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A Python name that stayed in the command is the reason where docker refuses it; the shell's and awk's are not."""
    for printed in ("No such container: {web.name}", "docker: invalid reference format\n\nRun"):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(printed.encode())))
        docker_errors.main(["{web.name}"])
        assert capsys.readouterr().out == f"\n{NameLost('web')}\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(CONFLICT.encode())))
    docker_errors.main(["{print}"])
    assert capsys.readouterr().out == f"\n{NameTaken('container', 'web')}\n"


def test_the_program_that_has_a_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the daemon's own computer the message has the program; a daemon elsewhere has programs of its own."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        message = LISTENING.replace(":1:", f":{server.getsockname()[1]}:")
        assert f"(process {os.getpid()}) on the daemon's computer" in str(docker_errors.explained(message))
        monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2376")
        assert "Another program on the daemon's computer" in str(docker_errors.explained(message))
