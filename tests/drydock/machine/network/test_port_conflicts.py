"""Published ports that can't be forwarded: another program has them, or this computer doesn't have their address."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.machine import Machine
from drydock.machine.network.portfwd import PortForwarder
from drydock.machine.network.published_ports import LOOPBACK_IPV6, WITH_RULE, Port, Target
from drydock.machine.network.slirp import GUEST, LOOPBACK
from tests.drydock.machine.network.recorders import RecordingAgent, RecordingSlirp
from tests.drydock.machine.network.web_server import SOON, serve, wait_for_page

_PUBLISHED: dict[Port, Target] = {("tcp", 80, LOOPBACK): Target(GUEST, "a")}
_ON_IPV6: Port = ("tcp", 80, LOOPBACK_IPV6)


def test_a_conflict_is_reported_and_ends() -> None:
    """A port that another program uses is a conflict with a reason, and is forwarded once it is free."""

    async def main() -> None:
        slirp = RecordingSlirp()
        slirp.taken = {80}
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update(_PUBLISHED)
        assert ports.has_conflicts
        (row,) = ports.table()
        assert row["state"] == "conflict"
        assert "Port 80/tcp" in row["why"]
        slirp.taken = set()
        await ports.update(_PUBLISHED)
        assert ports.table() == [{"address": "127.0.0.1", "port": 80, "protocol": "tcp", "state": "open", "why": ""}]

    asyncio.run(main())


def test_a_conflict_ends_with_its_container() -> None:
    """When the container is removed, a conflict is removed too, and no forward has to be removed for it."""

    async def main() -> None:
        slirp = RecordingSlirp()
        slirp.taken = {80}
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update(_PUBLISHED)
        await ports.update({})
        assert not ports.has_conflicts
        assert ports.table() == []

    asyncio.run(main())


def test_ipv6_may_be_switched_off() -> None:
    """Without ::1, a port that is published on all addresses is open on 127.0.0.1 alone; on ::1 it has failed."""

    async def main() -> None:
        slirp = RecordingSlirp()
        slirp.missing = {LOOPBACK_IPV6}
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update(_PUBLISHED | {_ON_IPV6: Target(GUEST, "a")})
        assert [(row["address"], row["state"]) for row in ports.table()] == [(LOOPBACK, "open")]
        await ports.update({_ON_IPV6: Target(WITH_RULE, "b", "172.17.0.2:80")})
        (row,) = ports.table()
        assert (row["address"], row["state"]) == (LOOPBACK_IPV6, "failed")
        assert "Port 80/tcp can't be opened on this computer's ::1." in row["why"]
        assert not ports.has_conflicts

    asyncio.run(main())


def test_a_guest_without_rules() -> None:
    """A guest whose agent refuses the rule, as on an older disk, costs the port on ::1 and no other."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent(open=RuntimeError("no rule for tcp 80")))
        await ports.update({_ON_IPV6: Target(WITH_RULE, "a", "172.17.0.2:80")} | _PUBLISHED)
        assert [(row["address"], row["state"]) for row in ports.table()] == [(LOOPBACK, "open"), ("::1", "failed")]
        assert "no rule for tcp 80" in ports.table()[1]["why"]
        assert slirp.rows() == [("tcp", LOOPBACK, 80, GUEST, 80)]

    asyncio.run(main())


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """Listen on a port of this computer's loopback interface."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


@pytest.mark.live
def test_a_port_in_use_on_this_computer(machine: Machine, client: docker.DockerClient, taken: socket.socket) -> None:
    """The container runs, `status` has the conflict and its reason, and the port opens once it is free."""
    port = taken.getsockname()[1]
    container = serve(client, port)

    def row() -> dict[str, Any]:
        return next((row for row in machine.status().ports if row["port"] == port), {})

    wait_for(lambda: row().get("state") == "conflict", "the conflict", seconds=SOON)
    assert f"Port {port}/tcp on this computer's 127.0.0.1 is already in use." in row()["why"]
    assert "ss -lntup" in row()["why"]
    taken.close()
    wait_for_page(port, container)
    wait_for(lambda: row()["state"] == "open", "the port's state to be open", seconds=SOON)
