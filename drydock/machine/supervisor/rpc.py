"""The supervisor's door: a private Unix socket on which other processes of the same user ask it for something.

One JSON object a line each way: ``{"verb": …, …}`` answered by ``{"answer": …}`` or ``{"error": {what, why, next}}``.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from drydock.errors import DrydockError

Answerer = Callable[[dict[str, Any]], Awaitable[Any]]


async def serve(path: Path, answer: Answerer) -> asyncio.Server:
    """Open the door at ``path``; each request is handed to ``answer``."""

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await reader.readline())
            reply = await _reply(answer, request)
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError):
            pass  # a visitor who left or spoke nonsense concerns nobody else
        finally:
            writer.close()

    return await asyncio.start_unix_server(visit, str(path))


async def _reply(answer: Answerer, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": await answer(request)}
    except DrydockError as error:
        return {"error": {"what": error.what, "why": error.why, "next": error.next}}
    except (RuntimeError, OSError, KeyError, TypeError, ValueError) as error:
        return {"error": {"what": "The machine could not do that.", "why": str(error), "next": ""}}


def ask(path: Path, verb: str, *, seconds: float = 30, **arguments: Any) -> Any:
    """Knock and ask; the answer, or :class:`DrydockError` in the supervisor's words. OSError when nobody is there."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(str(path))
        connection.sendall(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
        with connection.makefile("rb") as stream:
            line = stream.readline()
    if not line:
        raise ConnectionError("the supervisor ended without an answer")
    reply = json.loads(line)
    if "error" in reply:
        raise DrydockError(reply["error"]["what"], why=reply["error"]["why"], next=reply["error"]["next"])
    return reply["answer"]
