"""The supervisor's door: one question a visit."""

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
def opened(folder: Path, answer: rpc.Answerer) -> Iterator[Path]:
    """A door that is answered so, on a loop of its own."""
    path, loop, ready = folder / "door", asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await rpc.serve(path, answer)
        ready.set()
        await over.wait()
        server.close()
        await server.wait_closed()

    over = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield path
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def echo(request: dict[str, Any]) -> Any:
    """Answer with the question."""
    return request


def raising(error: Exception) -> Callable[[dict[str, Any]], Any]:
    """Somebody who answers nothing but this error."""

    async def answer(request: dict[str, Any]) -> Any:
        raise error

    return answer


def test_a_question_and_its_answer(tmp_path: Path) -> None:
    """The verb and its arguments arrive, and what is answered comes back, whatever JSON can say."""
    with opened(tmp_path, echo) as path:
        assert rpc.ask(path, "reach", port=80, names=["ü"]) == {"verb": "reach", "port": 80, "names": ["ü"]}


def test_a_finished_message_passes_whole(tmp_path: Path) -> None:
    """A message for a person crosses the door with all its parts."""
    with opened(tmp_path, raising(PortTaken(80, "tcp"))) as path, pytest.raises(DrydockError) as caught:
        rpc.ask(path, "reach")
    assert str(caught.value) == str(PortTaken(80, "tcp"))


@pytest.mark.parametrize("error", [RuntimeError("no"), OSError("no"), TimeoutError("no"), KeyError("port")])
def test_any_other_trouble_is_told(tmp_path: Path, error: Exception) -> None:
    """A visitor is never left without an answer."""
    with opened(tmp_path, raising(error)) as path, pytest.raises(DrydockError, match="could not do that"):
        rpc.ask(path, "reach")


def test_nonsense_concerns_nobody_else(tmp_path: Path) -> None:
    """Visitors who say nothing, no JSON, or far too much don't keep the next from being served."""
    with opened(tmp_path, echo) as path:
        for said in (b"", b"\n", b"{nonsense\n", b"x" * 200_000 + b"\n"):
            with socket.socket(socket.AF_UNIX) as visitor:
                visitor.connect(str(path))
                try:
                    visitor.sendall(said)
                    visitor.shutdown(socket.SHUT_WR)
                    assert visitor.recv(16) == b""
                except OSError:
                    continue  # it hung up on us, as it may
        assert rpc.ask(path, "there") == {"verb": "there"}


def test_nobody_at_home(tmp_path: Path) -> None:
    """Where nobody answers it is an OSError, for the caller to explain."""
    with pytest.raises(OSError, match="No such file"):
        rpc.ask(tmp_path / "door", "ports")


def test_a_door_that_shuts_in_between(tmp_path: Path) -> None:
    """A supervisor that ends before it has answered is noticed."""

    def hang_up() -> None:
        visitor, _ = server.accept()
        visitor.recv(4096)
        visitor.close()

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "door"))
        server.listen()
        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(ConnectionError, match="without an answer"):
            rpc.ask(tmp_path / "door", "ports", seconds=10)
        thread.join()
