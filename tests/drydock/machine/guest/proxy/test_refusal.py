"""What a client reads when its request is refused."""

from __future__ import annotations

import json

import pytest

from drydock.machine.guest.proxy import refusal
from drydock.machine.guest.proxy.refusal import Refused


@pytest.mark.parametrize("status", [400, 403, 404, 413, 502, 503])
def test_a_refusal_is_an_error_of_the_engine_api(status: int) -> None:
    """The response has its status, a length that is right, ends the connection, and says what happened in JSON."""
    head, _, body = Refused("HostConfig.Devices is not allowed", status).answer().partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Connection: close" in head
    assert json.loads(body)["message"].endswith("HostConfig.Devices is not allowed")


def test_it_says_who_refuses() -> None:
    """A person sees that it was not the daemon, but for what is not there, where the words are the daemon's own."""
    assert b'"Refused while grading: no"' in Refused("no").answer()
    assert b'"No such container: x"' in Refused("No such container: x", refusal.NOT_FOUND).answer()
