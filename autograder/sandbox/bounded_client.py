"""A docker-py client whose answers have an end: the daemon is the submission's and may say anything, as slowly as it
likes.

A socket's timeout starts anew with each byte, docker-py takes it away for some streams, and requests reads a body to
its end. So an answer gets a limit of bytes, and the whole of it, streams included, a deadline. (No client follows a
redirect: drydock/core/redirects.py.)
"""

from __future__ import annotations

import math
import ssl
import time
from typing import Any

import requests
from docker import DockerClient
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ProtocolError, ReadTimeoutError
from urllib3.util.ssl_ import create_urllib3_context

from autograder.errors import TooLarge

#: More than any honest answer of a daemon to a check; files travel as streams with limits of their own.
_ANSWER_LIMIT = 16 << 20
#: An answer may take this much longer than the wait for its next byte, in seconds: a build takes minutes on a slow
#: computer.
_REST = 240


def bounded(client: DockerClient, rest: float = _REST) -> DockerClient:
    """Give a client's answers a limit of bytes and, over TLS, a deadline: the client's timeout and ``rest`` seconds.

    What is too large raises :class:`~autograder.errors.TooLarge`, what is too late :class:`requests.ReadTimeout` or,
    in a stream, :class:`requests.ConnectionError`.
    """
    client.api.hooks["response"].append(_read_within_limit)
    client.api.mount("https://", _DeadlineAdapter(rest))
    return client


class _DeadlineSocket(ssl.SSLSocket):
    """A socket from which nothing is read after a deadline.

    urllib3 sets the timeout before it reads an answer. What docker-py does for a stream, to set none, has no effect.
    """

    _rest: float
    _deadline = math.inf

    def settimeout(self, value: float | None, /) -> None:
        if value is not None:
            super().settimeout(value)
            self._deadline = time.monotonic() + value + self._rest

    def read(self, len: int = 1024, buffer: Any = None) -> Any:
        if time.monotonic() > self._deadline:
            raise TimeoutError("the answer of Docker did not end in time")
        return super().read(len, buffer)


class _DeadlineAdapter(HTTPAdapter):
    """Connects with such sockets."""

    def __init__(self, rest: float) -> None:
        self._rest = rest
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        context = create_urllib3_context()
        context.sslsocket_class = type("DeadlineSocket", (_DeadlineSocket,), {"_rest": self._rest})
        super().init_poolmanager(*arguments, ssl_context=context, **settings)


def _read_within_limit(answer: requests.Response, *_: Any, stream: bool = False, **__: Any) -> None:
    """Read the body here, within the limit, before requests would read all of it."""
    if stream:
        return
    try:
        body = answer.raw.read(_ANSWER_LIMIT + 1, decode_content=True)
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except ProtocolError as error:  # the daemon has ended meanwhile
        raise requests.ConnectionError(error) from error
    if len(body) > _ANSWER_LIMIT:
        answer.close()
        raise TooLarge("What Docker answered", _ANSWER_LIMIT)
    answer._content = body
    answer._content_consumed = True  # type: ignore[attr-defined]
