"""A request to servers that cheat with the length of their answer; test_context has the other misbehaviours."""

from __future__ import annotations

import pytest

from autograder.checks.http_requests import Answer, NoAnswer, Question, ask
from tests.autograder.checks.test_context import Line, say
from tests.autograder.conftest import serving

QUESTION = Question("GET", "/", None, {"Connection": "close"})
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_an_answer_in_chunks_is_read() -> None:
    """A server may not know the length of its answer before."""
    with serving(lambda line: say(line, CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")) as port:
        assert ask("127.0.0.1", port, QUESTION, 5, 100) == Answer(200, b"abc")


@pytest.mark.parametrize("size", [b"-1", b"-5", b"-0x5", b"none", b"1\xff"])
def test_a_chunk_of_no_size_is_no_answer(size: bytes) -> None:
    """Python reads a chunk of -1 bytes to the end of the connection, past any limit, and fails on other sizes."""
    sent = list[int]()

    def pour(line: Line) -> None:
        line.rfile.readline()
        line.wfile.write(CHUNKED + size + b"\r\n")
        for _ in range(200):
            sent.append(line.wfile.write(b"x" * 65536))

    with serving(pour) as port, pytest.raises(NoAnswer, match="cut short"):
        ask("127.0.0.1", port, QUESTION, 5, 1000)
    assert sum(sent) < 8 << 20


def test_a_question_that_cannot_be_sent_is_no_answer() -> None:
    """A name that a submission chose may have characters that no path has."""
    with serving(lambda line: None) as port, pytest.raises(NoAnswer, match="does not speak HTTP"):
        ask("127.0.0.1", port, Question("GET", "/v2/\u00fc", None, {}), 5, 1000)
