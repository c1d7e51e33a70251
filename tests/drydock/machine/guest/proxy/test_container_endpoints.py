"""Each endpoint of containers, with what clients send to it, and what is refused."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, KERNEL_EXEC, OWN, OWN_EXEC, authorized, target_of

#: Method, path and query as docker-py and the docker command write them, and the path and query of the daemon.
PASS = [
    ("GET", "/containers/json?limit=-1&all=1&size=0&trunc_cmd=0&filters=%7B%22name%22%3A+%5B%22%5Eservice%24%22%5D%7D",
     '/containers/json?limit=-1&all=1&size=0&filters={"name":{"^service$":true}}'),
    ("GET", "/containers/kernel-1/json", "/containers/kernel-1/json"),
    ("GET", "/containers/mine/json?size=1", "/containers/mine/json?size=1"),
    ("GET", "/containers/mine/logs?stderr=1&stdout=1&timestamps=0&follow=1&tail=all&since=2026-11-28T10%3A00%3A00.5Z",
     "/containers/mine/logs?stderr=1&stdout=1&timestamps=0&follow=1&tail=all&since=2026-11-28T10:00:00.5Z"),
    ("GET", "/containers/mine/stats?stream=0&one-shot=1", "/containers/mine/stats?stream=0&one-shot=1"),
    ("GET", "/containers/mine/top?ps_args=-o+pid,user", "/containers/mine/top?ps_args=-o pid,user"),
    ("GET", "/containers/mine/changes", f"/containers/{OWN}/changes"),
    ("GET", "/containers/mine/export", f"/containers/{OWN}/export"),
    ("POST", "/containers/mine/start", f"/containers/{OWN}/start"),
    ("POST", "/containers/mine/stop?t=10", f"/containers/{OWN}/stop?t=10"),
    ("POST", "/containers/mine/restart?t=-1", f"/containers/{OWN}/restart?t=-1"),
    ("POST", "/containers/mine/kill?signal=SIGKILL", f"/containers/{OWN}/kill?signal=SIGKILL"),
    ("POST", "/containers/mine/pause", f"/containers/{OWN}/pause"),
    ("POST", "/containers/mine/unpause", f"/containers/{OWN}/unpause"),
    ("POST", "/containers/mine/wait?condition=next-exit", f"/containers/{OWN}/wait?condition=next-exit"),
    ("POST", "/containers/mine/rename?name=other", f"/containers/{OWN}/rename?name=other"),
    ("POST", "/containers/mine/resize?h=24&w=80", f"/containers/{OWN}/resize?h=24&w=80"),
    ("POST", "/containers/mine/attach?stdin=1&stdout=1&stream=1",
    f"/containers/{OWN}/attach?stdin=1&stdout=1&stream=1"),
    ("GET", "/containers/mine/archive?path=%2Fa+b", f"/containers/{OWN}/archive?path=/a b"),
    ("HEAD", "/containers/mine/archive?path=/a", f"/containers/{OWN}/archive?path=/a"),
    ("PUT", "/containers/mine/archive?path=/&noOverwriteDirNonDir=true",
     f"/containers/{OWN}/archive?path=/&noOverwriteDirNonDir=1"),
    ("DELETE", "/containers/mine?v=False&link=False&force=True", f"/containers/{OWN}?v=0&link=0&force=1"),
    ("GET", f"/exec/{OWN_EXEC}/json", f"/exec/{OWN_EXEC}/json"),
    ("POST", f"/exec/{OWN_EXEC}/resize?h=1&w=2", f"/exec/{OWN_EXEC}/resize?h=1&w=2"),
]  # fmt: skip

REFUSED = [
    ("POST", "/containers/mine/start?checkpoint=x&checkpoint-dir=/etc"), ("POST", "/containers/mine/checkpoints"),
    ("GET", "/containers/mine/attach/ws"), ("POST", "/containers/mine/copy"), ("POST",
    "/containers/mine/archive?path=/"),
    ("GET", "/containers/mine/archive?path=a"), ("GET", "/containers/mine/archive?path=/a%00b"),
    ("GET", "/containers/mine/top?ps_args=%24(reboot)"), ("POST", "/containers/mine/rename?name=../x"),
    ("POST", "/containers/mine/stop?t=1.5"), ("POST", "/containers/mine/wait?condition=x"), ("PATCH",
    "/containers/mine"),
    ("GET", "/containers/mine/logs?tail=-1"), ("GET", "/containers/json?evil=1"), ("POST",
    "/containers/create?platform=a%20b"),
    *((method, f"/containers/{name}{rest}") for name in ("kernel-1", KERNEL, KERNEL[:4]) for method, rest in (
        ("POST", "/start"), ("POST", "/stop"), ("POST", "/kill"), ("POST", "/pause"), ("POST", "/rename?name=x"),
        ("POST", "/attach"), ("POST", "/exec"), ("POST", "/update"), ("GET", "/archive?path=/out"), ("PUT",
        "/archive?path=/out"),
        ("GET", "/export"), ("GET", "/changes"), ("DELETE", ""), ("POST", "/wait"),
    )),
    ("POST", f"/exec/{KERNEL_EXEC}/start"), ("GET", f"/exec/{KERNEL_EXEC}/json"), ("POST",
    f"/exec/{KERNEL_EXEC}/resize?h=1&w=1"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "written"), PASS)
def test_what_clients_send_passes(method: str, target: str, written: str) -> None:
    """Each parameter with its value, and a container's full id wherever it is changed or entered."""
    assert target_of(authorized(method, target)) == (method, written)


@pytest.mark.parametrize(("method", "target"), REFUSED)
def test_the_rest_is_refused(method: str, target: str) -> None:
    """Other endpoints and parameters, and whatever would touch the grader's containers."""
    with pytest.raises(Refused):
        authorized(method, target, {} if method == "POST" else None)


@pytest.mark.parametrize("query", ["", "?filters=", "?filters={}"])
def test_pruning_takes_ones_own(query: str) -> None:
    """The grader's stopped containers stay, whether filters are asked for or not."""
    asked = authorized("POST", f"/containers/prune{query}").query
    assert asked == (("filters", '{"label":{"io.drydock.owner=submission":true}}'),)
