"""Rules of a real daemon's host, and the packets that matched them."""

from __future__ import annotations

import pytest

from drydock.learn import iptables
from drydock.machine import Machine


def test_packets_of_a_rule() -> None:
    """The number after ``-c`` is that of the packets; the one after it counts bytes."""
    assert iptables.packets("-A DOCKER -p tcp --dport 9100 -c 12 720 -j DNAT --to-destination 172.18.0.4:80") == 12


@pytest.mark.live
def test_a_dropped_packet_is_counted(machine: Machine) -> None:
    """A packet from the default network to one of another network's containers is dropped, and counted."""
    client = machine.client()
    host = client.containers.run(
        "drydock/busybox:1.37",
        "sleep 600",
        detach=True,
        network_mode="host",
        cap_add=["NET_ADMIN"],
        volumes={"/": {"bind": "/host", "mode": "ro"}},
        environment={"XTABLES_LOCKFILE": "/dev/null"},
    )
    network = client.networks.create("test-iptables")
    target = client.containers.run("drydock/busybox:1.37", "sleep 600", detach=True, network=network.name)
    sender = client.containers.run("drydock/busybox:1.37", "sleep 600", detach=True)
    try:
        bridge = f"br-{str(network.id)[:12]}"
        assert "-j MASQUERADE" in iptables.rule(host, "nat", f"! -o {bridge} ")
        before = iptables.dropped(host, bridge)
        target.reload()
        address = target.attrs["NetworkSettings"]["Networks"][network.name]["IPAddress"]
        assert sender.exec_run(["ping", "-c", "1", "-W", "1", address]).exit_code != 0
        assert iptables.dropped(host, bridge) > before
    finally:
        for container in (host, target, sender):
            container.remove(force=True)
        network.remove()
        client.close()
