"""Networks are bridges with private addresses that lead nowhere else, and a place in one has named settings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import OWN, authorized, created


def network(**fields: Any) -> dict[str, Any]:
    """Return the body that the daemon gets for a new network."""
    request = authorized("POST", "/networks/create", {"Name": "back", **fields})
    value: dict[str, Any] = json.loads(request.body or b"null")
    return value


def test_what_assignments_need_passes() -> None:
    """As docker-py and compose write it, with what is empty left out."""
    given = {
        "Driver": "bridge", "Internal": True, "EnableIPv6": False, "Labels": {"a": "b"},
        "IPAM": {"Driver": "default", "Config": [{"Subnet": "172.30.0.0/24", "Gateway": "172.30.0.1"}]},
        "Options": {"com.docker.network.bridge.enable_icc": "false"},
    }  # fmt: skip
    empty = {"CheckDuplicate": True, "Ingress": False, "ConfigOnly": False, "ConfigFrom": None, "Attachable": None}
    assert network(**given, **empty) == {"Name": "back", **given}


@pytest.mark.parametrize(
    "subnet", ["0.0.0.0/0", "10.0.0.0/8", "10.0.2.0/24", "10.0.2.128/25", "10.0.2.100", "127.0.0.0/8", "8.8.8.0/24",
               "169.254.0.0/16", "224.0.0.0/4", "::/0", "2001:db8::/64", "10.0.2.0/255.255.255.0", "x", "10.1.0.0/33"],
)  # fmt: skip
def test_a_subnet_takes_nothing_from_the_machine(subnet: str) -> None:
    """Neither the network that the grader comes through, nor loopback, nor the addresses of others."""
    for field in ("Subnet", "IPRange"):
        with pytest.raises(Refused):
            network(IPAM={"Config": [{field: subnet}]})


def test_a_subnet_is_written_in_one_form() -> None:
    """As the number of its network."""
    assert network(IPAM={"Config": [{"Subnet": "192.168.7.9/24"}, {"Subnet": "fd00::/64"}]})["IPAM"]["Config"] == [
        {"Subnet": "192.168.7.0/24"}, {"Subnet": "fd00::/64"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "field",
    [
        {"Driver": "macvlan"}, {"Driver": "host"}, {"Driver": "null"}, {"Driver": "Bridge"}, {"Scope": "swarm"},
        {"Ingress": True}, {"ConfigOnly": True}, {"ConfigFrom": {"Network": "host"}},
        {"Options": {"com.docker.network.bridge.name": "vec0"}}, {"Options": {"parent": "vec0"}},
        {"Options": {"com.docker.network.container_iface_prefix": "x"}},
        {"IPAM": {"Driver": "null"}}, {"IPAM": {"Options": {"a": "b"}}}, {"IPAM": {"Config": [{"Other": "x"}]}},
        {"Name": "../x"}, {"Name": ""}, {"name": "back"}, {"Labels": {"a": 1}},
    ],
)  # fmt: skip
def test_the_rest_is_refused(field: dict[str, Any]) -> None:
    """Other drivers, options that name interfaces, fields that nobody named."""
    with pytest.raises(Refused):
        network(**field)


def test_a_place_in_a_network() -> None:
    """Null is a place without settings; fields of the daemon's own answers are left out."""
    endpoint = {"Aliases": ["store"], "IPAMConfig": {"IPv4Address": "172.30.0.7"}, "Links": ["mine:db"]}
    answers = {"NetworkID": "x", "EndpointID": "y", "IPAddress": "1.2.3.4", "IPPrefixLen": 24, "DNSNames": ["a"]}
    valid = created(NetworkingConfig={"EndpointsConfig": {"back": {**endpoint, **answers}, "bridge": None}})
    assert valid["NetworkingConfig"]["EndpointsConfig"] == {
        "back": {**endpoint, "Links": [f"{OWN}:db"]}, "bridge": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    "config",
    [
        {"host": {}}, {"ho": None}, {"card": {}}, {"back": {"DriverOpts": {"a": "b"}}},
        {"back": {"Links": ["kernel-1:k"]}},
        {"back": {"IPAMConfig": {"IPv4Address": "a"}}}, {"back": {"MacAddress": "x"}}, {"": {}}, {"back": []},
    ],
)  # fmt: skip
def test_other_places_are_refused(config: dict[str, Any]) -> None:
    """The machine's network, also where it is a second one; links to the grader's; options of drivers."""
    with pytest.raises(Refused):
        created(NetworkingConfig={"EndpointsConfig": config})


def test_connecting_and_disconnecting() -> None:
    """Of one's own containers, by their ids, and networks that are bridges."""
    asked = authorized("POST", "/networks/back/connect", {"Container": "mine", "EndpointConfig": {"Aliases": ["a"]}})
    assert json.loads(asked.body or b"") == {"Container": OWN, "EndpointConfig": {"Aliases": ["a"]}}
    asked = authorized("POST", "/networks/ba/disconnect", {"Container": OWN[:12], "Force": True})
    assert (asked.path, json.loads(asked.body or b"")) == (
        "/networks/back/disconnect",
        {"Container": OWN, "Force": True},
    )
    for path, container in (("host", "mine"), ("card", "mine"), ("back", "kernel-1")):
        for verb in ("connect", "disconnect"):
            with pytest.raises(Refused):
                authorized("POST", f"/networks/{path}/{verb}", {"Container": container})
