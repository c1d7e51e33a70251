"""Many requests at once, each repeated until it is answered: what people in front of a browser would do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import chain, repeat

from autograder.checks.context import Answer, CheckContext, NoAnswer

#: What a server says when asking again may help.
_AGAIN = (502, 503, 504)
#: For how long somebody waits who got no answer, each time a little longer; seconds.
_PAUSES = (0.25, 0.5, 1, 2)
#: How many bytes of a wrong answer are kept, and of how many answers beside those to the requests themselves.
_QUOTED, _MOST_FAULTS = 400, 100


@dataclass(frozen=True)
class Request:
    """What is asked for, and the answer there is to it; None where any will do that says 200."""

    method: str
    path: str
    body: bytes | None = None
    wanted: bytes | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of all requests.

    ``unanswered`` were not answered in time, ``wrong`` were, but not as they should be, each with the beginning of
    its answer; ``retries`` counts how often one was asked again.
    """

    unanswered: list[Request]
    wrong: list[tuple[Request, Answer]]
    retries: int


@dataclass(frozen=True)
class _Exchange:
    """A request, whether it was answered, and the answer, cut short, if it was wrong."""

    request: Request
    answered: bool
    wrong: Answer | None


class LoadGenerator:
    """Asks a published port, some requests at once, all within some seconds."""

    def __init__(self, context: CheckContext, port: int, *, at_once: int, seconds: float) -> None:
        address = context.reach(port, "tcp")
        self._context = replace(context, reach=lambda *_: address)  # asked for once, not by everybody
        self._port, self._at_once, self._seconds = port, at_once, seconds
        self._lock = threading.Lock()
        self._retries = 0
        #: What went wrong while there was nothing else to ask for; of very many answers, the first ones.
        self._idle_faults: list[_Exchange] = []

    def ask(self, requests: Sequence[Request], first: int, then: Callable[[], None], look: Request) -> Outcome:
        """Ask the first ones, then do something; meanwhile all go on to ``look``. When that fails, they ask on."""
        deadline = time.monotonic() + self._seconds
        done = threading.Event()
        with ThreadPoolExecutor(self._at_once) as pool:
            before = [pool.submit(self._until_answered, request, deadline) for request in requests[:first]]
            after = [pool.submit(self._later, request, done, look, deadline) for request in requests[first:]]
            wait(before)
            try:
                then()
            finally:
                done.set()
            asked = [future.result() for future in (*before, *after)]
        return _outcome(asked, self._idle_faults, self._retries)

    def _later(self, request: Request, done: threading.Event, look: Request, deadline: float) -> _Exchange:
        while not done.is_set() and time.monotonic() < deadline:
            exchange = _judged(look, self._once(look, deadline))
            with self._lock:
                if exchange.wrong and len(self._idle_faults) < _MOST_FAULTS:
                    self._idle_faults.append(exchange)
            if not exchange.answered:  # it is happening
                done.set()
        return self._until_answered(request, deadline)

    def _until_answered(self, request: Request, deadline: float) -> _Exchange:
        for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
            exchange = _judged(request, self._once(request, deadline))
            if exchange.answered or time.monotonic() + pause > deadline:
                return exchange
            with self._lock:
                self._retries += 1
            time.sleep(pause)
        raise AssertionError("the pauses do not end")

    def _once(self, request: Request, deadline: float) -> Answer | None:
        """An answer; None when there was none, or one that says to come again."""
        left = max(0.1, min(10, deadline - time.monotonic()))
        try:
            answer = self._context.fetch(
                self._port, request.path, method=request.method, body=request.body, seconds=left
            )
        except NoAnswer:
            return None
        return None if answer.status in _AGAIN else answer


def _judged(request: Request, answer: Answer | None) -> _Exchange:
    """Compare an answer with the right one. What is kept of a wrong one is as much as a reason quotes."""
    if answer is None or (answer.status == 200 and request.wanted in (None, answer.body)):
        return _Exchange(request, answer is not None, None)
    return _Exchange(request, True, Answer(answer.status, answer.body[:_QUOTED]))


def _outcome(asked: Sequence[_Exchange], idle: Sequence[_Exchange], retries: int) -> Outcome:
    unanswered = [exchange.request for exchange in asked if not exchange.answered]
    wrong = [(exchange.request, exchange.wrong) for exchange in (*asked, *idle) if exchange.wrong]
    return Outcome(unanswered, wrong, retries)
