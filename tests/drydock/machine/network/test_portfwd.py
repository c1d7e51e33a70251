"""The forwards follow the ports that are published."""

from __future__ import annotations

import asyncio

import pytest

from drydock.machine.network.portfwd import PortForwarder
from drydock.machine.network.published_ports import LOOPBACK_IPV6, WITH_RULE, Port, Target
from drydock.machine.network.slirp import GUEST, LOOPBACK
from tests.drydock.machine.network.recorders import RecordingAgent, RecordingSlirp

_ON_80: Port = ("tcp", 80, LOOPBACK)


def test_forwards_follow_the_published_ports() -> None:
    """A newly published port is forwarded, a published port keeps its forward, and any other forward is removed."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update({_ON_80: Target(GUEST, "a"), ("udp", 53, LOOPBACK): Target(GUEST, "b")})
        first = dict(slirp.forwards)
        assert sorted(first.values()) == [("tcp", LOOPBACK, 80, GUEST, 80), ("udp", LOOPBACK, 53, GUEST, 53)]
        await ports.update({_ON_80: Target(GUEST, "a"), ("udp", 53, LOOPBACK): Target(GUEST, "c")})
        assert slirp.forwards == first
        await ports.update({_ON_80: Target(GUEST, "a")})
        assert slirp.rows() == [("tcp", LOOPBACK, 80, GUEST, 80)]
        row = {"address": LOOPBACK, "port": 80, "protocol": "tcp", "state": "open", "why": ""}
        assert ports.table() == [row]

    asyncio.run(main())


def test_a_port_is_forwarded_to_its_own_address() -> None:
    """A port published on 127.0.0.2 is forwarded to the guest's 127.0.0.2, also after it was on all addresses."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update({_ON_80: Target(GUEST, "a")})
        await ports.update({_ON_80: Target(LOOPBACK, "a")})
        assert slirp.rows() == [("tcp", LOOPBACK, 80, LOOPBACK, 80)]
        await ports.update({("tcp", 80, "127.0.0.2"): Target("127.0.0.2", "a")})
        assert slirp.rows() == [("tcp", "127.0.0.2", 80, "127.0.0.2", 80)]

    asyncio.run(main())


def test_two_containers_with_one_port() -> None:
    """Two containers that publish the same port on two loopback addresses have a forward each, which ends with it."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update({_ON_80: Target(LOOPBACK, "a"), ("tcp", 80, "127.0.0.2"): Target("127.0.0.2", "b")})
        assert [row["state"] for row in ports.table()] == ["open", "open"]
        await ports.remove_container("a")
        assert slirp.rows() == [("tcp", "127.0.0.2", 80, "127.0.0.2", 80)]

    asyncio.run(main())


def test_a_port_on_ipv6_gets_a_rule() -> None:
    """A port published on ::1 alone needs a rule in the guest, which follows the container's address and ends."""

    async def main() -> None:
        slirp, agent = RecordingSlirp(), RecordingAgent()
        ports = PortForwarder(slirp, agent)
        key: Port = ("tcp", 80, LOOPBACK_IPV6)
        await ports.update({key: Target(WITH_RULE, "a", "172.17.0.2:8000")})
        await ports.update({key: Target(WITH_RULE, "a", "172.17.0.2:8000")})
        assert agent.requests == [("open", "80", "172.17.0.2:8000")]
        await ports.update({key: Target(WITH_RULE, "a", "172.17.0.3:8000")})
        assert slirp.rows() == [("tcp", "::1", 80, WITH_RULE, 80)]
        await ports.update({})
        assert agent.requests[1:] == [("close", "80"), ("open", "80", "172.17.0.3:8000"), ("close", "80")]

    asyncio.run(main())


def test_a_guest_that_answers_too_late() -> None:
    """A port on ::1 whose rule the guest did not add in time is forwarded by the next attempt."""

    async def main() -> None:
        slirp, agent = RecordingSlirp(), RecordingAgent(open=TimeoutError())
        ports = PortForwarder(slirp, agent)
        published: dict[Port, Target] = {("tcp", 80, LOOPBACK_IPV6): Target(WITH_RULE, "a", "172.17.0.2:8000")}
        with pytest.raises(TimeoutError):
            await ports.update(published)
        assert slirp.rows() == []
        agent.answers.clear()
        await ports.update(published)
        assert [row["state"] for row in ports.table()] == ["open"]

    asyncio.run(main())


def test_a_container_that_has_ended_has_no_forwards() -> None:
    """The forwards of one container are removed, before the list of containers is known."""

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        ended, other = Target(GUEST, "a" * 12), Target(GUEST, "b" * 12)
        await ports.update({_ON_80: ended, ("tcp", 81, LOOPBACK): other, ("udp", 80, LOOPBACK): ended})
        await ports.remove_container("a" * 64)
        assert slirp.rows() == [("tcp", LOOPBACK, 81, GUEST, 81)]

    asyncio.run(main())


def test_reach_uses_a_forward_or_adds_one() -> None:
    """A published port is reached under its own number; any other port gets a free one, the same at each call.

    The guest's 127.0.0.1 has the ports that are published there, and the ports that are published on all addresses.
    """

    async def main() -> None:
        slirp = RecordingSlirp()
        ports = PortForwarder(slirp, RecordingAgent())
        await ports.update({_ON_80: Target(GUEST, "a")})
        assert await ports.reach("tcp", 80) == 80
        added = await ports.reach("tcp", 1)
        assert added > 1023
        assert await ports.reach("tcp", 1) == added
        assert slirp.rows()[1:] == [("tcp", LOOPBACK, added, LOOPBACK, 1)]

    asyncio.run(main())


def test_a_preferred_port_in_use_is_replaced() -> None:
    """The preferred port is forwarded if it is free, and otherwise another one."""

    async def main() -> None:
        ports = PortForwarder(RecordingSlirp(), RecordingAgent())
        assert await ports.forward("tcp", 4000, 2376) == 4000
        assert await ports.forward("tcp", 4000, 2376) != 4000

    asyncio.run(main())
