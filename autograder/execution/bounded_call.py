"""Calls a function in a child process that can be killed, within a deadline and a limit of memory.

The process that serves a class parses and renders nothing of a student's itself. What a call returns comes back as
JSON, of a bounded length: the child has read hostile bytes, so nothing that it sends is unpickled.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

#: Modules that take long to import; the fork server imports them once for all children.
_PRELOADED = ["autograder.gradebook.feedback_preload", "autograder.execution.sanitize"]
#: An answer longer than this is refused; bytes.
_ANSWER_LIMIT = 64 << 20


class CallFailed(Exception):
    """The call gave no answer; the message gives the reason, in words for the student who submitted the data."""


def bounded_call(function: Callable[..., Any], *arguments: Any, seconds: float = 20, memory_mb: int = 1024) -> Any:
    """Return what a module's function returns, called in a child process; the value must be plain JSON.

    Raises :class:`CallFailed` when the function raises, takes longer than ``seconds``, or needs more memory.
    """
    receiver, sender = _context().Pipe(duplex=False)
    child = _context().Process(target=_serve, args=(sender, function, arguments, memory_mb), daemon=True)
    with receiver:
        child.start()
        sender.close()
        try:
            return _answer(receiver, seconds)
        finally:
            child.kill()
            child.join()
            child.close()


def _answer(receiver: Connection, seconds: float) -> Any:
    if not receiver.poll(seconds):
        raise CallFailed(f"it took longer than {seconds:g} s")
    try:
        state, value = json.loads(receiver.recv_bytes(_ANSWER_LIMIT))
    except EOFError:
        raise CallFailed("it ended without an answer, perhaps for lack of memory") from None
    except (OSError, ValueError, RecursionError):
        raise CallFailed("its answer is too large") from None
    if state != "done":
        raise CallFailed(str(value))
    return value


def _serve(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], memory_mb: int) -> None:
    """Run in the child: call the function and send its result, or the reason why there is none."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = used + (memory_mb << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        answer = ("done", function(*arguments))
    except MemoryError:
        answer = ("failed", "it needs too much memory")
    except RecursionError:
        answer = ("failed", "it is nested too deeply")
    except Exception as error:
        answer = ("failed", f"{type(error).__name__}: {error}"[:500])
    with suppress(OSError):  # nobody waits any more
        sender.send_bytes(json.dumps(answer, ensure_ascii=True).encode())


@cache
def _context() -> ForkServerContext:
    """The server from which children are forked: without threads, with the slow imports done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context
