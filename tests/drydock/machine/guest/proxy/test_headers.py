"""Few headers pass: credentials as fields, and what names a session of BuildKit's."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from drydock.machine.guest.proxy import headers, http_head
from drydock.machine.guest.proxy.refusal import Refused
from tests.drydock.machine.guest.proxy.requests_of import authorized, scope

CREDENTIALS = {"username": "kim", "password": 'a"b\nc', "serveraddress": "127.0.0.1:8083", "identitytoken": ""}
SESSION = {
    "X-Docker-Expose-Session-Uuid": "k7vyk8gg2uz1d", "X-Docker-Expose-Session-Name": "work",
    "X-Docker-Expose-Session-Sharedkey": "ab:cd",
    "X-Docker-Expose-Session-Grpc-Method": "/moby.filesync.v1.FileSync/DiffCopy",
}  # fmt: skip


def head(text: str) -> http_head.Head:
    """Return a head with these headers."""
    return http_head.parse(f"POST /build HTTP/1.1\r\n{text}\r\n".encode())


def decoded(written: headers.Written) -> Any:
    """Return the value of the one header."""
    ((_, text),) = written
    return json.loads(base64.urlsafe_b64decode(text))


@pytest.mark.parametrize(
    "encode", [base64.b64encode, base64.urlsafe_b64encode, lambda raw: base64.b64encode(raw).rstrip(b"=")]
)
def test_credentials_are_read_in_either_alphabet(encode: Any) -> None:
    """With or without padding, and written by their fields."""
    raw = encode(json.dumps({**CREDENTIALS, "extra": None}).encode()).decode()
    assert decoded(headers.registry_auth(head(f"X-Registry-Auth: {raw}\r\n"), scope())) == CREDENTIALS
    several = encode(json.dumps({"https://127.0.0.1:8083/v1/": CREDENTIALS}).encode()).decode()
    assert decoded(headers.registry_config(head(f"x-registry-config: {several}\r\n"), scope())).keys() == {
        "https://127.0.0.1:8083/v1/"
    }


@pytest.mark.parametrize("value", [{"evil": "x"}, {"username": 1}, {"serveraddress": "a\r\nX-Evil: b"}, []])
def test_other_credentials_are_refused(value: Any) -> None:
    """Fields that nobody named, texts that could end a header."""
    raw = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    with pytest.raises(Refused):
        headers.registry_auth(head(f"X-Registry-Auth: {raw}\r\n"), scope())


@pytest.mark.parametrize(
    "text", ["X-Registry-Auth: e\r\n", "X-Registry-Auth: !!\r\n", "X-Registry-Auth: e30\r\nx-registry-auth: e30\r\n"]
)
def test_what_is_no_base64_is_refused(text: str) -> None:
    """And what is there twice."""
    with pytest.raises(Refused):
        headers.registry_auth(head(text), scope())


def test_a_session_is_named() -> None:
    """A method for each service that the client offers."""
    text = "".join(f"{name}: {value}\r\n" for name, value in SESSION.items())
    more = "X-Docker-Expose-Session-Grpc-Method: /moby.buildkit.secrets.v1.Secrets/GetSecret\r\n"
    written = headers.session(head(text + more), scope())
    assert dict(written[:3]) == {name: value for name, value in SESSION.items() if "Method" not in name}
    assert [value for name, value in written[3:]] == [
        SESSION["X-Docker-Expose-Session-Grpc-Method"], "/moby.buildkit.secrets.v1.Secrets/GetSecret",
    ]  # fmt: skip
    for name in SESSION:
        with pytest.raises(Refused):
            headers.session(head(f"{name}: <evil>\r\n"), scope())


def test_no_other_header_passes() -> None:
    """Not even one that the daemon would take."""
    text = "Content-Type: application/x-tar\r\nCookie: a\r\nAuthorization: c\r\nX-Registry-Config: e30=\r\n"
    assert authorized("GET", "/info", headers=text).headers == ()
    assert [name for name, _ in authorized("POST", "/build", headers=text).headers] == ["X-Registry-Config"]
