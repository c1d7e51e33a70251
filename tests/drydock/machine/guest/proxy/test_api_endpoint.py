"""Endpoints are found by method and path; variables of a path have one form and are looked up."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy.api_endpoint import Endpoint, Table
from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, OWN, OWN_EXEC, scope

TABLE = Table(
    [
        Endpoint("GET", "/images/json"),
        Endpoint("GET", "/images/{image}/json"),
        Endpoint("GET", "/containers/{any}/json"),
        Endpoint("POST", "/containers/{own}/start"),
        Endpoint("POST", "/exec/{exec}/start"),
        Endpoint("DELETE", "/networks/{network}"),
        Endpoint("DELETE", "/volumes/{volume}"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "written"),
    [
        ("GET", "/images/json", "/images/json"),
        ("GET", "/images/drydock/busybox:1.37/json", "/images/drydock/busybox:1.37/json"),
        ("GET", "/containers/kernel-1/json", "/containers/kernel-1/json"),
        ("POST", "/containers/mine/start", f"/containers/{OWN}/start"),
        ("POST", f"/exec/{OWN_EXEC}/start", f"/exec/{OWN_EXEC}/start"),
        ("DELETE", "/networks/ba", "/networks/back"),
        ("DELETE", "/volumes/data", "/volumes/data"),
    ],
)
def test_a_path_is_written_anew(method: str, path: str, written: str) -> None:
    """With full ids and names where it matters what they mean later."""
    assert TABLE.find(method, path).path(scope()) == written


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/images/json"), ("GET", "/images"), ("GET", "/images/json/"), ("GET", "/images//json"),
        ("GET", "/images/a/../json"), ("GET", "/images/../containers/x/json"), ("GET", "/containers//x/json"),
        ("GET", "/containers/x/y/json"), ("GET", "/containers/../json"), ("POST", "/exec/x/start"),
        ("POST", f"/exec/{OWN_EXEC[:12]}/start"), ("GET", "//images/json"), ("DELETE", "/volumes/a/b"), ("TRACE",
        "/images/json"),
    ],
)  # fmt: skip
def test_other_paths_are_not_found(method: str, path: str) -> None:
    """Other methods, more or fewer slashes, dots, short ids of commands."""
    with pytest.raises(Refused, match="not an endpoint"):
        TABLE.find(method, path)


@pytest.mark.parametrize("path", ["/containers/kernel-1/start", f"/containers/{KERNEL[:12]}/start"])
def test_the_graders_are_refused(path: str) -> None:
    """By name and by id."""
    with pytest.raises(Refused, match="does not belong"):
        TABLE.find("POST", path).path(scope())
