"""What a line of the docker command asks of this computer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drydock.learn.docker_run import of_options, requested


@pytest.mark.parametrize(
    ("line", "ports"),
    [
        ("-d -p 8080:80 x -p 1:1", [("tcp", 8080)]),
        ("-dp 127.0.0.1:8080:80/udp x", [("udp", 8080)]),
        ("--rm -ti --publish=8080:80 --name -p x", [("tcp", 8080)]),
        ("-p8000-8001:80-81 x", [("tcp", 8000), ("tcp", 8001)]),
        ("-p 8000-8010:80 -p 80 -P -p [::1]:8080:80 -p 127.0.0.2:8080:80 x", []),
        ("--memory 1g --publish 53:53/tcp --label a=b x", [("tcp", 53)]),
        ("--publish", []),
        ("-p 80800:80 -p 1-99999999999:1-99999999999 -p 0:80 -p 65535:80 x", [("tcp", 65535)]),
    ],
)
def test_published_ports(line: str, ports: list[tuple[str, int]]) -> None:
    """Options end at the image; a port that Docker chooses is not asked for."""
    assert of_options(line.split()) == (ports, [])


@pytest.mark.parametrize(
    ("line", "sources"),
    [
        ("-v /a/../b:/data x -v /c:/c", ["/b"]),
        ("-itv /a:/data:ro -v name:/n -v /anonymous x", ["/a"]),
        ("--volume=/a:/data --mount type=bind,src=/b,target=/t x", ["/a", "/b"]),
        ("--mount type=bind,source=/b,target=/t,readonly --mount type=volume,src=v,dst=/v x", ["/b"]),
    ],
)
def test_mounted_folders(line: str, sources: list[str]) -> None:
    """A name is a volume and no folder."""
    assert of_options(line.split()) == ([], sources)


def test_a_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is below the current one, as docker takes it."""
    monkeypatch.chdir(tmp_path)
    assert of_options(["-v", "./data:/data", "x"]) == ([], [f"{tmp_path}/data"])


def test_other_commands_ask_for_nothing() -> None:
    """Their options have other meanings."""
    assert requested("ps", ["-p", "8080:80"]) == ([], [])
    assert requested("compose", ["down", "-v"]) == ([], [])


def test_what_exists_is_asked_from_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers that start again, and the services of compose, of which some may be chosen."""
    config = {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}}
    mount = {"type": "bind", "source": "/home/x", "target": "/x"}
    web = {"ports": [{"target": 80, "published": "8500", "protocol": "tcp"}], "volumes": [mount]}
    services = {"services": {"web": web, "db": {"ports": [{"target": 5432, "protocol": "tcp"}]}}}
    program = tmp_path / "docker"
    script = f"#!/bin/sh\ncase $1 in container) echo '{json.dumps(config)}';; *) echo '{json.dumps(services)}';; esac\n"
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert requested("start", ["-a", "web"]) == ([("tcp", 8080)], [])
    assert requested("compose", ["-f", "up", "up", "-d"]) == ([("tcp", 8500)], ["/home/x"])
    assert requested("compose", ["up", "db"]) == ([], [])
    program.write_text("#!/bin/sh\nexit 1\n")
    assert requested("start", ["web"]) == ([], [])
