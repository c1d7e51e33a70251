"""The supervisor's control socket: a private Unix socket on which other processes of the same user send requests.

One request and one reply on each connection, each a JSON object on one line: ``{"verb": …, …}`` is answered by
``{"answer": …}`` or ``{"error": …}``, an error as :meth:`~drydock.errors.DrydockError.to_json` describes it.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from drydock.errors import DrydockError

#: The socket's name in the machine's folder of sockets.
SOCKET = "control"

#: A function that receives a request and returns the answer.
Handler = Callable[[dict[str, Any]], Awaitable[Any]]


async def serve(path: Path, handler: Handler) -> asyncio.Server:
    """Listen at ``path`` and call ``handler`` for each request."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await reader.readline())
            reply = await _reply(handler, request)
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError):
            pass  # the client disconnected, or sent a line that is too long or not JSON
        finally:
            writer.close()

    return await asyncio.start_unix_server(connected, str(path))


async def _reply(handler: Handler, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": await handler(request)}
    except DrydockError as error:
        return {"error": error.to_json()}
    except (RuntimeError, OSError, KeyError, TypeError, ValueError) as error:
        return {"error": DrydockError("The machine could not do that.", why=str(error)).to_json()}


def call(path: Path, verb: str, *, seconds: float = 30, **arguments: Any) -> Any:
    """Send a request and return the answer; raise the error of the supervisor, or OSError when it does not answer."""
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
        raise DrydockError.from_json(reply["error"])
    return reply["answer"]
