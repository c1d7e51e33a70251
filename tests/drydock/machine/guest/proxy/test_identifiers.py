"""Names, references, paths and ports have one form each."""

from __future__ import annotations

import pytest

from drydock.machine.guest.proxy import identifiers, strict_json
from drydock.machine.guest.proxy.refusal import Refused
from drydock.machine.guest.proxy.validators import Place, Rule
from tests.drydock.machine.guest.proxy.requests_of import OWN, scope

DIGEST = "sha256:" + "0f" * 32
GOOD: dict[str, tuple[Rule, list[str]]] = {
    "names": (identifiers.name, ["web", "web_1.x-2", "0", OWN]),
    "images": (
        identifiers.image,
        ["busybox", "drydock/busybox:1.37", "127.0.0.1:8083/desk:1", f"a/b@{DIGEST}", DIGEST, "ab12", "a.b:5000/c/d:e"],
    ),
    "paths": (identifiers.container_path, ["/", "/a b/ä", "/a/../b"]),
    "ports": (identifiers.port, ["80", "80/tcp", "53/udp", "8000-8010/tcp"]),
    "signals": (identifiers.signal, ["", "SIGTERM", "9", "RTMIN+1"]),
    "MAC addresses": (identifiers.mac_address, ["", "02:42:ac:11:00:02"]),
}
BAD: dict[str, tuple[Rule, list[str]]] = {
    "names": (identifiers.name, ["", "/web", "a/b", "-a", ".", "..", "a b", "ä", "a%2e", "x" * 256]),
    "images": (
        identifiers.image,
        ["", "/a", "a//b", "a/../b", "a/.", "../a", "a?b", "a#b", "a%2fb", "a\n", "-a", f"a@{DIGEST}0", "a/"],
    ),
    "paths": (identifiers.container_path, ["", "a", "./a", "a/b", "/a\0b"]),
    "ports": (identifiers.port, ["", "tcp", "80/TCP", "80/icmp", "123456", "80-", "-1"]),
    "signals": (identifiers.signal, ["9; reboot", "a" * 30, "SIG TERM"]),
    "MAC addresses": (identifiers.mac_address, ["02:42", "02:42:ac:11:00:02:03", "zz:42:ac:11:00:02"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_usual_ones_pass_as_they_are(kind: str) -> None:
    """What docker-py and the docker command write."""
    rule, values = GOOD[kind]
    assert [rule(value, Place("", scope())) for value in values] == values


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, (_, values) in BAD.items() for value in values])
def test_others_do_not(kind: str, value: str) -> None:
    """What could end a URL, leave a folder, or is no such name at all."""
    with pytest.raises(Refused):
        BAD[kind][0](value, Place("", scope()))


def test_the_owner_label_is_the_proxys() -> None:
    """Other labels pass; this one is dropped wherever a client sets it."""
    given: strict_json.Json = {"a": "1", "com.docker.compose.project": "harbour", "io.drydock.owner": "autograder"}
    assert identifiers.labels(given, Place("", scope())) == {"a": "1", "com.docker.compose.project": "harbour"}


@pytest.mark.parametrize("name", ["mine", "/mine", OWN])
def test_a_container_is_named_by_its_id(name: str) -> None:
    """Also where it is written with a slash, as Docker lists names."""
    assert identifiers.own_container(name, Place("", scope())) == OWN


@pytest.mark.parametrize("name", ["kernel-1", "//mine", "mine/json", "", "m?x"])
def test_another_is_refused(name: str) -> None:
    """The grader's, and what is no name."""
    with pytest.raises(Refused):
        identifiers.own_container(name, Place("", scope()))
