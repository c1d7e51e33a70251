"""Ports and folders of this computer, before a container of a machine starts."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drydock.errors import FolderNotShared, PortTaken, SettingsDamaged
from drydock.machine import container_preflight
from drydock.machine.network.slirp import free_port
from tests.drydock.machine.supervisor.test_rpc import serving


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """The folder that the machine shares."""
    folder = tmp_path / "course"
    folder.mkdir()
    return folder


@pytest.fixture
def machine(tmp_path: Path, shared: Path) -> Path:
    """The instance folder of a machine that publishes ports; nothing answers at its control socket."""
    folder = tmp_path / "machines" / "default"
    (folder / "tls").mkdir(parents=True)
    settings = {"shares": [str(shared)], "publish": True}
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "state.json").write_text(json.dumps({"sockets": str(tmp_path)}))
    return folder


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this computer that this process has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def row(port: int, state: str, address: str = "127.0.0.1") -> dict[str, Any]:
    """A line of the supervisor's table of ports."""
    return {"address": address, "port": port, "protocol": "tcp", "state": state, "why": ""}


def test_a_machine_is_recognised_by_its_certificates(machine: Path) -> None:
    """Another daemon's folder of certificates is no machine's, nor is none."""
    assert container_preflight.machine_folder(machine / "tls") == machine
    assert container_preflight.machine_folder(machine) is None
    assert container_preflight.machine_folder("/nowhere/tls") is None
    assert container_preflight.machine_folder("") is None


def test_a_port_of_another_program_is_refused(machine: Path, taken: int) -> None:
    """The message names the port, the program that has it, and another port."""
    with pytest.raises(PortTaken) as caught:
        container_preflight.check(machine, [("tcp", taken)], [])
    assert f"Port {taken}/tcp" in caught.value.what
    assert f"(process {os.getpid()}) has it" in caught.value.why
    assert "publish another port" in caught.value.next


def test_a_free_port_and_the_machine_s_own_are_left_to_docker(machine: Path, taken: int, tmp_path: Path) -> None:
    """Docker itself reports a port that another container of the machine has."""
    container_preflight.check(machine, [("tcp", free_port()), ("udp", free_port("udp"))], [])

    async def answer(request: dict[str, Any]) -> Any:
        return [row(taken, "open")]

    with serving(tmp_path, answer):
        container_preflight.check(machine, [("tcp", taken)], [])


def test_two_slashes_at_the_start_are_one(machine: Path, shared: Path) -> None:
    """Docker takes a path with two slashes for the same path with one."""
    container_preflight.check(machine, [], [f"/{shared}"])


def test_a_mount_without_a_source_is_left_to_docker(machine: Path) -> None:
    """Docker itself reports what it misses."""
    container_preflight.check_config(machine, {"Mounts": [{"Type": "bind", "Target": "/x", "Source": None}]})


def test_a_machine_that_publishes_nothing_needs_no_ports(machine: Path, taken: int) -> None:
    """Its ports are reached in another way."""
    (machine / "settings.json").write_text(json.dumps({"shares": [], "publish": False}))
    container_preflight.check(machine, [("tcp", taken)], [])


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_damaged_settings_have_a_message(machine: Path, text: str) -> None:
    """Not the error of a parser."""
    (machine / "settings.json").write_text(text)
    with pytest.raises(SettingsDamaged):
        container_preflight.check(machine, [], ["/srv"])


@pytest.mark.parametrize("source", ["", "sub/folder"])
def test_a_shared_folder_can_be_mounted(machine: Path, shared: Path, source: str) -> None:
    """So can what is below it."""
    container_preflight.check(machine, [], [str(shared / source)])


@pytest.mark.parametrize("source", ["/", "/var/run/docker.sock", "/proc", "/etc/hosts"])
def test_the_machine_s_own_folders_can_be_mounted(machine: Path, source: str) -> None:
    """They are the daemon's, as on any computer."""
    container_preflight.check(machine, [], [source])


def test_another_folder_is_refused(machine: Path, shared: Path, tmp_path: Path) -> None:
    """The message names the folder, the shared folders, and the command that shares it."""
    with pytest.raises(FolderNotShared) as caught:
        container_preflight.check(machine, [], [f"{shared}s"])
    assert f"{shared}s is not shared" in caught.value.what
    assert str(shared) in caught.value.why
    assert caught.value.next.endswith(f"drydock machine start --share {shared}s")
    (tmp_path / "link").symlink_to(shared)
    with pytest.raises(FolderNotShared) as caught:
        container_preflight.check(machine, [], [str(tmp_path / "link")])
    assert caught.value.next == f"Write the path without links: {shared}"


def test_what_docker_py_asks_for_is_read(machine: Path, shared: Path, taken: int) -> None:
    """Binds, mounts and ports of a ``HostConfig``; volumes, with a name or without, are no folders."""
    fine = {"Binds": [f"{shared}:/d:rw", "volume:/v", "/data"], "Mounts": [{"Type": "volume", "Source": "/x"}]}
    fine["PortBindings"] = {"80/tcp": [{"HostIp": "", "HostPort": ""}], "81/tcp": None}
    container_preflight.check_config(machine, fine)
    for wrong in ({"Binds": ["/home/x:/d"]}, {"Mounts": [{"Type": "bind", "Source": "/home/x"}]}):
        with pytest.raises(FolderNotShared):
            container_preflight.check_config(machine, wrong)
    with pytest.raises(PortTaken):
        container_preflight.check_config(machine, {"PortBindings": {"80/tcp": [{"HostPort": str(taken)}]}})


def test_conflicts_of_published_ports(machine: Path, taken: int, tmp_path: Path) -> None:
    """Only ports that could not be forwarded are conflicts; without an answer there is none."""

    async def answer(request: dict[str, Any]) -> Any:
        return [row(taken, "conflict"), row(8080, "open"), row(9090, "conflict")]

    with serving(tmp_path, answer):
        errors = container_preflight.conflicts(machine, [taken, 8080])
    assert [error.port for error in errors] == [taken]
    assert str(os.getpid()) in str(errors[0])


def test_conflicts_on_one_address(machine: Path, taken: int, tmp_path: Path) -> None:
    """The message names the address, and a conflict on another address than the one that is asked for is left out."""

    async def answer(request: dict[str, Any]) -> Any:
        return [row(taken, "open"), row(taken, "conflict", "::1")]

    with serving(tmp_path, answer):
        assert container_preflight.conflicts(machine, [taken], "127.0.0.1") == []
        (error,) = container_preflight.conflicts(machine, [taken])
    assert f"Port {taken}/tcp on this computer's ::1 is already in use." in error.what


@pytest.mark.parametrize(
    ("number", "ports"), [("65535", [65535]), ("80800", []), ("0", []), ("", []), ("\u00b2", []), ("9" * 5000, [])]
)
def test_a_number_that_is_no_port_is_left_to_docker(number: str, ports: list[int]) -> None:
    """No error of Python's comes before the daemon's own."""
    config = {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": number}]}}
    assert container_preflight.bound_ports(config) == [("tcp", port) for port in ports]
