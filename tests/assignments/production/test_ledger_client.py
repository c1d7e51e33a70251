"""The ledger, as seen from in front of small servers that keep it well or badly."""

from __future__ import annotations

import socket
import socketserver
from typing import cast

import pytest
from docker import DockerClient
from docker.models.containers import Container

from assignments.production import ledger_client
from assignments.production.ledger_client import Ledger
from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from tests.autograder.checks.test_context import listen
from tests.autograder.conftest import serving
from tests.autograder.probes.test_load import request_of, say

Line = socketserver.StreamRequestHandler
CONTEXT = CheckContext(cast(DockerClient, None), lambda port, _: ("127.0.0.1", port), "a-token")


def front(*ports: int) -> list[Container]:
    """Return a container that is published on these ports, with Docker's attributes."""
    bound = [{"HostIp": "127.0.0.1", "HostPort": str(port)} for port in ports]
    return [Container(attrs={"NetworkSettings": {"Ports": {"80/tcp": bound, "443/tcp": None}}})]


def refuse(line: Line, status: int, body: bytes = b"") -> None:
    """Read the request and answer with this."""
    request_of(line)
    say(line, body, status)


def test_it_is_asked_at_its_port() -> None:
    """The right one when it has it, else whichever leads to it."""
    assert Ledger(CONTEXT, front(9000, 8082, 80)).port == 8082
    assert Ledger(CONTEXT, front(9000, 9001)).port == 9000
    assert Ledger(CONTEXT, front()).port == 8082


def test_what_is_noted_is_read() -> None:
    """A berth may have a name that needs quoting."""
    book = dict[str, bytes]()

    def keep(line: Line) -> None:
        method, path, body = request_of(line)
        if method == "PUT":
            book[path] = body
        say(line, book[path])

    with serving(keep) as port:
        ledger = Ledger(CONTEXT, front(port))
        ledger.note("north pier", "Märigold")
        assert ledger.fetch("north pier").text == "Märigold"
        ledger.wait_for("north pier", "Märigold", "nothing")
    assert list(book) == ["/berths/north%20pier"]


def test_who_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a reason, as soon as its time is over."""
    monkeypatch.setattr(ledger_client, "_SLOWEST", 0.5)
    with serving(listen) as port, pytest.raises(Failed, match="Asked on port"):
        Ledger(CONTEXT, front(port)).fetch()


def test_what_goes_wrong_is_told() -> None:
    """A note that is not taken, and a port where nobody is."""
    with serving(lambda line: refuse(line, 413)) as port, pytest.raises(Failed, match=r"4 characters .* status 413"):
        Ledger(CONTEXT, front(port)).note("a", "long")
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # and it does not listen
        port = deaf.getsockname()[1]
        with pytest.raises(Failed, match=f"Asked on port {port}: the connection was refused"):
            Ledger(CONTEXT, front(port)).fetch()


@pytest.mark.parametrize(("body", "status"), [(b"no ship\n", 404), (b"another", 200)])
def test_a_lost_ship_is_not_waited_for(body: bytes, status: int) -> None:
    """An answer without the ship, or with another one, means that it is lost."""
    with serving(lambda line: refuse(line, status, body)) as port, pytest.raises(Failed, match="After a storm"):
        Ledger(CONTEXT, front(port)).wait_for("a", "ship", "a storm")


def test_who_does_not_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """For as long as a stack has to recover, and no longer."""
    monkeypatch.setattr(ledger_client, "BACK", 1)
    with serving(lambda line: refuse(line, 502)) as port, pytest.raises(Failed, match="1 seconds after a storm"):
        Ledger(CONTEXT, front(port)).wait_for("a", "ship", "a storm")


def test_notes_and_looks_take_turns() -> None:
    """Every new ship is noted once; what is known is looked up again and again."""
    known, new = ledger_client.entries(2), ledger_client.entries(5)
    asked = ledger_client.requests(known, new)
    assert [request.method for request in asked] == ["PUT", "GET"] * 5
    assert {request.path: (request.body or b"").decode() for request in asked[::2]} == {
        ledger_client.path(berth): ship for berth, ship in new.items()
    }
    assert {request.wanted for request in asked[1::2]} == {ship.encode() for ship in known.values()}
