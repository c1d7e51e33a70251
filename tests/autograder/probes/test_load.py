"""Load on small servers that fail for a while, answer wrongly, or don't answer at all."""

from __future__ import annotations

import itertools
import socketserver
import threading
import time
from collections.abc import Callable
from typing import cast

import pytest
from docker import DockerClient

from autograder.checks.context import CheckContext
from autograder.probes.load import LoadGenerator, Outcome, Request
from drydock.core.waiting import wait_for
from tests.autograder.conftest import serving

Line = socketserver.StreamRequestHandler
CONTEXT = CheckContext(cast(DockerClient, None), lambda port, _: ("127.0.0.1", port), "a-token")
LOOK = Request("GET", "/look", wanted=b"/look")


def request_of(line: Line) -> tuple[str, str, bytes]:
    """Method, path and body."""
    method, path, _ = line.rfile.readline().decode().split()
    length = 0
    while (header := line.rfile.readline().decode().strip().lower()) != "":
        length = int(header.partition(":")[2]) if header.startswith("content-length") else length
    return method, path, line.rfile.read(length)


def say(line: Line, body: bytes, status: int = 200) -> None:
    """Answer."""
    line.wfile.write(b"HTTP/1.0 %d Word\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)


def echo(line: Line) -> None:
    """Answer with the path, as a good server would."""
    say(line, request_of(line)[1].encode())


def asked(port: int, requests: list[Request], then: Callable[[], None] = lambda: None, seconds: float = 10) -> Outcome:
    """What comes of it when four ask at once, the first quarter of the requests before ``then``."""
    return LoadGenerator(CONTEXT, port, at_once=4, seconds=seconds).ask(requests, len(requests) // 4, then, LOOK)


def looks(number: int) -> list[Request]:
    """Requests for pages that say their own path."""
    return [Request("GET", f"/{place}", wanted=f"/{place}".encode()) for place in range(number)]


def test_all_are_answered() -> None:
    """Nobody asks twice who got an answer."""
    with serving(echo) as port:
        assert asked(port, looks(20)) == Outcome([], [], 0)


def test_a_note_travels_with_its_words() -> None:
    """What is put is what arrives."""
    heard = list[tuple[str, str, bytes]]()

    def hear(line: Line) -> None:
        heard.append(request_of(line))
        say(line, heard[-1][1].encode())

    with serving(hear) as port:
        assert asked(port, [Request("PUT", "/berth", "ü\n".encode())]).wrong == []
    assert [request for request in heard if request[0] == "PUT"] == [("PUT", "/berth", "ü\n".encode())]


@pytest.mark.parametrize(
    "failure", [b"", b"HTTP/1.0 503 Later\r\n\r\n", b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nbro"]
)
def test_who_got_no_answer_asks_again(failure: bytes) -> None:
    """Whether the line was closed, the server asked for patience, or an answer was cut short."""
    heard = list[str]()

    def fail_first(line: Line) -> None:
        path = request_of(line)[1]
        heard.append(path)
        fails = path != LOOK.path and heard.count(path) == 1
        line.wfile.write(failure) if fails else say(line, path.encode())

    with serving(fail_first) as port:
        assert asked(port, looks(4)) == Outcome([], [], 4)


def test_a_wrong_answer_is_told() -> None:
    """Saying 200 and something else is wrong, and so is any status that is neither 200 nor a plea for patience."""
    answers = {
        "/0": (200, b"/0"),
        "/1": (200, b"Sorry!"),
        "/2": (404, b"/2"),
        "/3": (200, b"/3"),
        "/look": (200, b"/look"),
    }

    def lie(line: Line) -> None:
        status, body = answers[request_of(line)[1]]
        say(line, body, status)

    with serving(lie) as port:
        outcome = asked(port, looks(4))
    assert sorted((request.path, answer.status) for request, answer in outcome.wrong) == [("/1", 200), ("/2", 404)]
    assert outcome.unanswered == []


def test_who_is_never_answered_gives_up() -> None:
    """In time, and each knows that it was not answered."""
    began = time.monotonic()
    with serving(lambda line: None) as port:
        outcome = asked(port, looks(8), seconds=1)
    assert time.monotonic() - began < 30
    assert len(outcome.unanswered) == 8
    assert outcome.retries > 0


def test_what_happens_is_felt() -> None:
    """The others ask only once it happens, and go on looking something up until then."""
    gone, heard = threading.Event(), list[str]()

    def serve(line: Line) -> None:
        path = request_of(line)[1]
        heard.append(path)
        if gone.is_set() and heard.count(path) < 2:
            return
        say(line, path.encode())

    def happen() -> None:
        looked_before = heard.count("/look")
        wait_for(lambda: heard.count("/look") > looked_before, "somebody to look meanwhile", seconds=60, every=0.01)
        gone.set()

    with serving(serve) as port:
        outcome = asked(port, looks(20), happen)
    assert (outcome.unanswered, outcome.wrong) == ([], [])
    assert set(heard[: heard.index("/look")]) <= {f"/{place}" for place in range(5)}
    assert outcome.retries > 0


def test_what_goes_wrong_meanwhile_is_raised() -> None:
    """All clients end first."""

    def fail() -> None:
        raise RuntimeError("no such thing")

    with serving(echo) as port, pytest.raises(RuntimeError, match="no such thing"):
        asked(port, looks(20), fail)


def test_wrong_answers_are_kept_short_and_few() -> None:
    """A server that answers everything with much is quoted, and does not fill the grader's memory meanwhile."""
    looked = threading.Event()
    count = itertools.count()

    def pour(line: Line) -> None:
        path = request_of(line)[1]
        if path == LOOK.path and next(count) > 250:
            looked.set()
        say(line, b"x" * 100_000)

    def wait() -> None:
        wait_for(looked.is_set, "the looks", seconds=120, every=0.05)

    with serving(pour) as port:
        outcome = asked(port, looks(8), wait, seconds=150)
    assert 100 <= len(outcome.wrong) <= 108
    assert max(len(answer.body) for _, answer in outcome.wrong) < 1000


def test_a_right_answer_is_compared_whole() -> None:
    """It may be longer than what is kept of a wrong one."""
    page = b"x" * 5000
    requests = [Request("GET", "/long", wanted=page), Request("GET", "/other", wanted=page[:-1] + b"y")]

    def serve(line: Line) -> None:
        path = request_of(line)[1]
        say(line, page if path != LOOK.path else LOOK.path.encode())

    with serving(serve) as port:
        outcome = asked(port, requests)
    assert [request.path for request, _ in outcome.wrong] == ["/other"]
