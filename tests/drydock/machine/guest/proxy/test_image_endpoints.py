"""Each endpoint of images, with what clients send to it, and what is refused."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import OWN, authorized, target_of

DIGEST = "sha256:" + "0f" * 32
PASS = [
    ("GET", "/images/json?only_ids=0&all=0", "/images/json?all=0"),
    ("GET", "/images/drydock/busybox:1.37/json", "/images/drydock/busybox:1.37/json"),
    ("GET", f"/images/{DIGEST}/history", f"/images/{DIGEST}/history"),
    ("GET", "/images/127.0.0.1:8083/desk:1/get", "/images/127.0.0.1:8083/desk:1/get"),
    ("GET", "/images/get?names=a:1&names=b", "/images/get?names=a:1&names=b"),
    ("POST", "/images/create?tag=1&fromImage=127.0.0.1%3A8083%2Fdesk",
    "/images/create?tag=1&fromImage=127.0.0.1:8083/desk"),
    ("POST", "/images/create?fromSrc=-&repo=mine&tag=1&changes=CMD+sh",
    "/images/create?fromSrc=-&repo=mine&tag=1&changes=CMD sh"),
    ("POST", "/images/load?quiet=1", "/images/load?quiet=1"),
    ("POST", "/images/desk/tag?tag=1&repo=127.0.0.1:8083/desk&force=0",
    "/images/desk/tag?tag=1&repo=127.0.0.1:8083/desk"),
    ("POST", "/images/127.0.0.1:8083/desk/push?tag=1", "/images/127.0.0.1:8083/desk/push?tag=1"),
    ("DELETE", "/images/desk:1?force=True&noprune=False", "/images/desk:1?force=1&noprune=0"),
    ("POST", "/images/prune?filters={%22dangling%22:[%22false%22]}",
    '/images/prune?filters={"dangling":{"false":true}}'),
    ("POST", "/commit?container=mine&repo=desk&comment=x&changes=USER%20nobody&changes=CMD%20%5B%22sh%22%5D",
     f'/commit?container={OWN}&repo=desk&comment=x&changes=USER nobody&changes=CMD ["sh"]'),
    ("POST", "/build?t=desk&t=desk:2&q=False&nocache=0&rm=True&forcerm=0&pull=0&remote=&dockerfile=Dockerfile&version=1"
     "&networkmode=none&buildargs={%22A%22:%22b%22,%22C%22:null}&labels={}&cachefrom=[]&cgroupparent=&securityopt=null",
     '/build?t=desk&t=desk:2&q=0&nocache=0&rm=1&forcerm=0&pull=0&dockerfile=Dockerfile&version=1&networkmode=none'
     '&buildargs={"A":"b","C":null}&labels={}&cachefrom=[]'),
    ("POST", "/build/prune?all=1", "/build/prune?all=1"),
    ("POST", "/build/cancel?id=ab-1", "/build/cancel?id=ab-1"),
    ("GET", "/distribution/127.0.0.1:8083/desk:1/json", "/distribution/127.0.0.1:8083/desk:1/json"),
]  # fmt: skip

REFUSED = [
    ("POST", "/build?networkmode=host"), ("POST", "/build?networkmode=container:kernel-1"), ("POST",
    "/build?cgroupparent=/"),
    ("POST", "/build?remote=http://10.0.2.2/x"), ("POST", "/build?securityopt=[%22seccomp=unconfined%22]"), ("POST",
    "/build?version=2"),
    ("POST", "/build?isolation=process"), ("POST", "/build?outputs=[{}]"), ("POST", "/build?session=x"), ("POST",
    "/build?t="),
    ("POST", "/build?buildargs={%22A%22:1}"), ("POST", "/build?ulimits=[{}]"),
    ("POST", "/images/create?fromSrc=http://10.0.2.2/x"), ("POST", "/images/create?fromSrc=/etc/shadow"),
    ("POST", "/images/create?fromImage=a/../b"), ("POST", "/images/create?fromSrc=-&changes=RUN+x"),
    ("POST", "/commit?container=kernel-1"), ("POST", "/commit?container=mine&changes=RUN%20x"),
    ("POST", "/commit?container=mine&changes=ONBUILD%20RUN%20x"), ("POST",
    "/commit?container=mine&changes=ENV%20a=b%0ARUN%20x"),
    ("POST", "/commit?container=mine&repo=a//b"), ("POST", "/images/a/tag?repo=..%2fb"), ("GET",
    "/images/search?term=x"),
    ("POST", "/session"), ("POST", "/grpc"), ("GET", "/images/a/b"), ("POST", "/images/a/create"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "written"), PASS)
def test_what_clients_send_passes(method: str, target: str, written: str) -> None:
    """Each parameter with its value; what means nothing is left out."""
    assert target_of(authorized(method, target)) == (method, written)


@pytest.mark.parametrize(("method", "target"), REFUSED)
def test_the_rest_is_refused(method: str, target: str) -> None:
    """The machine's network, control groups and files, what the daemon would fetch, instructions that run something."""
    with pytest.raises(Refused):
        authorized(method, target)


def test_archives_are_uploads() -> None:
    """The daemon gets them in chunks of the proxy's."""
    uploads = [authorized("POST", target).upload for target in ("/build", "/images/load", "/images/create?fromSrc=-")]
    assert uploads == [True] * 3
    assert authorized("PUT", "/containers/mine/archive?path=/").upload
    assert not authorized("POST", "/images/a/push").upload


@pytest.mark.parametrize(
    ("headers", "written"), [("", "e30="), ("X-Registry-Auth: eyJ1c2VybmFtZSI6ImEifQ==\r\n", None)]
)
def test_a_push_has_credentials(headers: str, written: str | None) -> None:
    """Without any, the daemon would read the body, which docker-py fills and the docker command doesn't."""
    request = authorized("POST", "/images/a/push", headers=headers)
    assert request.headers == (("X-Registry-Auth", written or "eyJ1c2VybmFtZSI6ImEifQ=="),)


@pytest.mark.parametrize("path", ["/grpc", "/session"])
def test_buildkit_has_a_protocol_of_its_own(path: str) -> None:
    """The connection is given over to it, or refused."""
    request = authorized("POST", path, headers="Connection: Upgrade\r\nUpgrade: h2c\r\n")
    assert (request.hijack, request.upgrade, request.body) == (True, "h2c", None)
    for headers in (
        "Upgrade: h2c\r\n",
        "Connection: Upgrade\r\nUpgrade: tcp\r\n",
        "Connection: Upgrade\r\nUpgrade: h2c, tcp\r\n",
    ):
        with pytest.raises(Refused):
            authorized("POST", path, headers=headers)
