"""The authorization of a whole request: its version, body, upgrade and folders."""

from __future__ import annotations

import json

import pytest

from drydock.machine.guest.proxy.authorization import TABLE
from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import OWN, OWN_EXEC, WORK, authorized

UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n"


def test_a_new_container_is_asked_for_in_the_newest_version() -> None:
    """Older ones know no subpaths; all else is answered as the client knows it."""
    assert authorized("POST", "/v1.30/containers/create", {"Image": "x"}).version == (1, 45)
    assert authorized("GET", "/v1.30/info").version == (1, 30)
    assert authorized("GET", "/info").version == (1, 45)


@pytest.mark.parametrize("path", ["/containers/mine/attach?stream=1", f"/exec/{OWN_EXEC}/start"])
def test_a_stream_may_be_asked_for_in_two_ways(path: str) -> None:
    """With an upgrade and, by older clients, without; in both the connection is given over."""
    body = {"Tty": True} if "exec" in path else None
    for headers, upgrade in ((UPGRADE, "tcp"), ("", "")):
        asked = authorized("POST", path, body, headers)
        assert (asked.hijack, asked.upgrade) == (True, upgrade)


@pytest.mark.parametrize(
    "headers", [UPGRADE, "Connection: Upgrade\r\nUpgrade: h2c\r\n", "Connection: x\r\nUpgrade: websocket\r\n"]
)
def test_nothing_else_is_upgraded(headers: str) -> None:
    """A connection of which the proxy would not know what it becomes is refused."""
    for method, target in (("GET", "/info"), ("POST", "/containers/create"), ("POST", "/build")):
        with pytest.raises(Refused, match="upgraded"):
            authorized(method, target, {"Image": "x"} if "create" in target else None, headers)


def test_other_headers_of_the_connection_mean_nothing() -> None:
    """The daemon's connections are the proxy's own."""
    assert b"Connection: close" in authorized("GET", "/info", headers="Connection: keep-alive\r\n").to_bytes()


def test_folders_are_listed() -> None:
    """The folders of a bind, which may have to be made first, are part of the request."""
    asked = authorized("POST", "/containers/create", {"Image": "x", "HostConfig": {"Binds": [f"{WORK.path}/new:/x"]}})
    assert asked.folders == ((WORK, "new"),)
    assert WORK.path.encode() not in asked.to_bytes()


def test_a_body_is_written_anew() -> None:
    """With the same values in another form."""
    raw = b'\n{ "Image" : "x" ,\t"Env":["\\u0041=\xc3\xa4"], "Cmd": null, "Tty": true }\n'
    asked = authorized("POST", "/containers/create", raw)
    assert asked.body == b'{"Image":"x","Env":["A=\\u00e4"],"Tty":true,"Labels":{"io.drydock.owner":"submission"}}'
    assert json.loads(asked.body)["Env"] == ["A=ä"]


@pytest.mark.timeout(20)
def test_the_space_around_no_body_is_read_in_one_pass() -> None:
    """One of the longest bodies that a client may send takes no time."""
    assert authorized("POST", "/containers/mine/start", b" \n{ }\t").body is None
    with pytest.raises(Refused, match="has no body"):
        authorized("POST", "/containers/mine/start", b" " * 1_000_000 + b"x")


def test_each_endpoint_is_named_once() -> None:
    """The first in the table would hide another one."""
    rows = [(endpoint.method, endpoint.path) for _, endpoint in TABLE._rows]
    assert len(rows) == len(set(rows))
    assert TABLE.find("DELETE", f"/containers/{OWN}").endpoint.path == "/containers/{own}"
