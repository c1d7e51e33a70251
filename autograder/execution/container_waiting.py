"""Waiting for the end of a container with one request, which the daemon answers when the container has ended.

A request every tenth of a second would cost a machine a few hundredths of its CPU, while the container works on it.
"""

from __future__ import annotations

import requests
from docker.models.containers import Container
from urllib3.exceptions import ReadTimeoutError

#: The exit code when the daemon's answer has none.
_UNKNOWN = -1


def exit_code(container: Container, seconds: float) -> int | None:
    """Return a container's exit code once it has ended; None when it runs longer than ``seconds``.

    Raises :class:`docker.errors.NotFound` when there is no such container.
    """
    try:
        answer = container.wait(timeout=seconds)
    except requests.ReadTimeout:
        return None
    except requests.ConnectionError as error:
        # The daemon has sent the head of its answer before: what is late then is the body.
        if any(isinstance(cause, ReadTimeoutError) for cause in error.args):
            return None
        raise
    code = answer.get("StatusCode") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else _UNKNOWN
