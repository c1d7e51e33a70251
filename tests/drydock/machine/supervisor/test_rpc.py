"""The control socket: one request and one reply on each connection."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drydock.errors import DrydockError, PortTaken
from drydock.machine.supervisor import rpc


@contextmanager
def serving(folder: Path, handler: rpc.Handler) -> Iterator[Path]:
    """Serve requests with a handler, on an event loop of its own; yield the socket's path."""
    path, loop, ready = folder / rpc.SOCKET, asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await rpc.serve(path, handler)
        ready.set()
        await stop.wait()
        server.close()
        await server.wait_closed()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield path
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def echo(request: dict[str, Any]) -> Any:
    """Answer with the request."""
    return request


def raising(error: Exception) -> Callable[[dict[str, Any]], Any]:
    """Return a handler that always raises this error."""

    async def handler(request: dict[str, Any]) -> Any:
        raise error

    return handler


def test_a_request_and_its_answer(tmp_path: Path) -> None:
    """The handler receives the verb and the arguments, and the caller its answer, as JSON values."""
    with serving(tmp_path, echo) as path:
        assert rpc.call(path, "reach", port=80, names=["ü"]) == {"verb": "reach", "port": 80, "names": ["ü"]}


def test_an_error_keeps_its_class_and_message(tmp_path: Path) -> None:
    """An error of the handler is raised in the caller, with its class, message and attributes."""
    with serving(tmp_path, raising(PortTaken(80, "tcp"))) as path, pytest.raises(PortTaken) as caught:
        rpc.call(path, "reach")
    assert str(caught.value) == str(PortTaken(80, "tcp"))
    assert caught.value.port == 80


@pytest.mark.parametrize("error", [RuntimeError("no"), OSError("no"), TimeoutError("no"), KeyError("port")])
def test_any_other_error_is_reported(tmp_path: Path, error: Exception) -> None:
    """A client always gets a reply, whatever error the handler raises."""
    with serving(tmp_path, raising(error)) as path, pytest.raises(DrydockError, match="could not do that"):
        rpc.call(path, "reach")


def test_invalid_requests_affect_nobody_else(tmp_path: Path) -> None:
    """After requests that are empty, not JSON, or far too long, the next client is served."""
    with serving(tmp_path, echo) as path:
        for data in (b"", b"\n", b"{not json\n", b"x" * 200_000 + b"\n"):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
                try:
                    client.sendall(data)
                    client.shutdown(socket.SHUT_WR)
                    assert client.recv(16) == b""
                except OSError:
                    continue  # the server may close the connection first
        assert rpc.call(path, "next") == {"verb": "next"}


def test_without_a_server(tmp_path: Path) -> None:
    """Without a server the call raises OSError, which the caller explains."""
    with pytest.raises(OSError, match="No such file"):
        rpc.call(tmp_path / rpc.SOCKET, "ports")


def test_a_server_that_ends_before_it_answers(tmp_path: Path) -> None:
    """If the supervisor ends before it has answered, the call raises ConnectionError."""

    def disconnect() -> None:
        client, _ = server.accept()
        client.recv(4096)
        client.close()

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / rpc.SOCKET))
        server.listen()
        thread = threading.Thread(target=disconnect)
        thread.start()
        with pytest.raises(ConnectionError, match="without an answer"):
            rpc.call(tmp_path / rpc.SOCKET, "ports", seconds=10)
        thread.join()
