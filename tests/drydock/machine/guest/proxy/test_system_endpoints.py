"""Each endpoint of the daemon, of volumes and of networks, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import authorized, target_of

PASS = [
    ("GET", "/_ping", "/_ping"), ("HEAD", "/_ping", "/_ping"), ("GET", "/version", "/version"), ("GET", "/info",
    "/info"),
    ("GET", "/events?since=1&until=10m&filters={%22type%22:[%22container%22]}",
     '/events?since=1&until=10m&filters={"type":{"container":true}}'),
    ("GET", "/system/df?type=image&type=volume", "/system/df?type=image&type=volume"),
    ("GET", "/volumes?filters=%7B%7D", "/volumes?filters={}"), ("GET", "/volumes/data", "/volumes/data"),
    ("DELETE", "/volumes/data?force=1", "/volumes/data?force=1"), ("POST", "/volumes/prune", "/volumes/prune"),
    ("GET", "/networks", "/networks"), ("GET", "/networks/host?verbose=0", "/networks/host?verbose=0"),
    ("DELETE", "/networks/back", "/networks/back"), ("POST", "/networks/prune", "/networks/prune"),
]  # fmt: skip

REFUSED = [
    ("POST", "/swarm/init"), ("GET", "/swarm"), ("POST", "/swarm/join"), ("GET", "/nodes"), ("POST",
    "/services/create"),
    ("GET", "/secrets"), ("POST", "/secrets/create"), ("POST", "/configs/create"), ("GET", "/plugins"),
    ("POST", "/plugins/pull?remote=x"), ("POST", "/plugins/x/enable"), ("GET", "/debug/pprof/"), ("GET", "/debug/vars"),
    ("POST", "/debug/pprof/cmdline"), ("GET", "/metrics"), ("POST", "/reload"), ("OPTIONS", "/info"), ("POST",
    "/_ping"),
    ("CONNECT", "/info"), ("GET", "/v1.45/v1.45/info"), ("GET", "/"), ("GET", "/new-thing"), ("POST", "/info"),
    ("GET", "/info?evil=1"), ("DELETE", "/networks/host"), ("DELETE", "/networks/card"), ("GET", "/system/df?type=x"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "written"), PASS)
def test_what_clients_send_passes(method: str, target: str, written: str) -> None:
    """Each parameter with its value."""
    assert target_of(authorized(method, target)) == (method, written)


@pytest.mark.parametrize(("method", "target"), REFUSED)
def test_the_rest_is_refused(method: str, target: str) -> None:
    """Swarm, plug-ins, what is for people who debug the daemon, and methods that do nothing here."""
    with pytest.raises(Refused):
        authorized(method, target)


def test_a_volume_is_the_daemons_own() -> None:
    """With a name and labels, and no driver that could make it something else."""
    options = {"Name": "data", "Driver": "local", "Labels": {"a": "b"}}
    asked = authorized("POST", "/volumes/create", {**options, "DriverOpts": None, "ClusterVolumeSpec": None})
    assert json.loads(asked.body or b"") == options
    for field in (
        {"DriverOpts": {"type": "none", "o": "bind", "device": "/"}}, {"Driver": "evil"},
        {"ClusterVolumeSpec": {"Group": "x"}},
        {"Name": "../x"}, {"Name": "/"}, {"driveropts": {"device": "/"}},
    ):  # fmt: skip
        with pytest.raises(Refused):
            authorized("POST", "/volumes/create", {**options, **field})


def test_credentials_are_fields() -> None:
    """For a registry that the daemon can reach."""
    options: dict[str, Any] = {"username": "kim", "password": "x", "serveraddress": "127.0.0.1:8083"}
    assert json.loads(authorized("POST", "/auth", options).body or b"") == options
    with pytest.raises(Refused):
        authorized("POST", "/auth", {**options, "evil": 1})


@pytest.mark.parametrize("body", [b'{"a": 1}', b"x", b"[]", b"{} {}"])
def test_what_has_no_body_gets_none(body: bytes) -> None:
    """Neither a read nor anything else; an empty object, as docker-py sends it, is dropped."""
    assert authorized("GET", "/info", b" {} \n").body is None
    assert authorized("POST", "/containers/mine/start", b"null").body is None
    for method, target in (("GET", "/info"), ("POST", "/containers/mine/start"), ("DELETE", "/volumes/data")):
        with pytest.raises(Refused, match="has no body"):
            authorized(method, target, body)
