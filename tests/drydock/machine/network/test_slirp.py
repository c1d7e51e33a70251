"""The network helper, as far as it goes without a kernel at its other end."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from drydock.core.paths import socket_folder
from drydock.errors import BootFailed, PortTaken, ToolsMissing
from drydock.machine.network.slirp import GUEST, Slirp

_CPU = min(os.sched_getaffinity(0))


def program(folder: Path, script: str) -> None:
    """Put a slirp4netns of our own into a folder."""
    file = folder / "slirp4netns"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_it_waits_for_the_kernel_and_ends_when_told() -> None:
    """The real program opens its socket for the kernel, and goes when it is stopped."""

    async def story() -> None:
        folder = socket_folder("test")
        slirp = Slirp(folder)
        try:
            await slirp.start(_CPU)
            assert slirp.socket.is_socket()
            slirp.stop()
            assert await asyncio.wait_for(slirp.ended(), 10) == -9
            slirp.stop()
        finally:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()

    asyncio.run(story())


def test_without_it_its_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where slirp4netns is missing, the message says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolsMissing, match="slirp4netns") as caught:
        asyncio.run(Slirp(tmp_path).start(_CPU))
    assert "apt-get install -y slirp4netns" in caught.value.next


def test_one_that_ends_at_once_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When it can't run, that is the message, in its own words, and not a boot that never ends."""
    program(tmp_path, "echo cannot do this here >&2; exit 3")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(BootFailed, match="ended at once") as caught:
        asyncio.run(Slirp(tmp_path).start(_CPU))
    assert "cannot do this here" in caught.value.why


def test_one_that_talks_without_end_is_listened_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever it prints is read, or it would stand still one day, and only the end is kept."""
    program(
        tmp_path, 'for last; do :; done; touch "$last"; yes warning | head -c 3000000 >&2; echo the end >&2; exit 0'
    )
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    async def story() -> None:
        slirp = Slirp(tmp_path)
        await slirp.start(_CPU)
        assert await asyncio.wait_for(slirp.ended(), 30) == 0
        assert len(slirp.last_words()) < 100_000

    asyncio.run(story())


def answering(
    folder: Path, answer: dict[str, Any], story: Callable[[Slirp], Coroutine[Any, Any, None]]
) -> list[dict[str, Any]]:
    """Tell a story with a helper whose API always answers so; what it was asked."""
    asked: list[dict[str, Any]] = []

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(json.loads(await reader.read()))  # until the visitor's side is closed, as the real one wants it
        writer.write(json.dumps(answer).encode())
        writer.close()

    async def tell() -> None:
        slirp = Slirp(folder)
        server = await asyncio.start_unix_server(visit, str(folder / "api"))
        await asyncio.wait_for(slirp.ready(), 5)
        await story(slirp)
        server.close()
        await server.wait_closed()

    asyncio.run(tell())
    return asked


def test_ready_is_who_listens(tmp_path: Path) -> None:
    """A socket that exists and refuses whoever comes is waited for: it is made a moment before its owner listens."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.write(b'{"return": {"entries": []}}')
        writer.close()

    async def story() -> None:
        ready = asyncio.ensure_future(Slirp(tmp_path).ready())
        with socket.socket(socket.AF_UNIX) as owner:
            owner.bind(str(tmp_path / "api"))
            await asyncio.wait([ready], timeout=0.1)
            assert not ready.done()
            async with await asyncio.start_unix_server(answer, sock=owner):
                await asyncio.wait_for(ready, 5)

    asyncio.run(story())


def test_a_forward_is_on_loopback_only(tmp_path: Path) -> None:
    """What is asked for leads from this computer's loopback, and from nowhere else, to the guest."""

    async def story(slirp: Slirp) -> None:
        assert await slirp.forward("udp", 5353, 53) == 7
        await slirp.unforward(7)

    arguments = {"proto": "udp", "host_addr": "127.0.0.1", "host_port": 5353, "guest_addr": GUEST, "guest_port": 53}
    asked = answering(tmp_path, {"return": {"id": 7}}, story)
    assert asked == [
        {"execute": "list_hostfwd", "arguments": {}},
        {"execute": "add_hostfwd", "arguments": arguments},
        {"execute": "remove_hostfwd", "arguments": {"id": 7}},
    ]


def test_a_no_is_a_taken_port(tmp_path: Path) -> None:
    """When the helper can't bind the port, the port is what the message is about."""

    async def story(slirp: Slirp) -> None:
        with pytest.raises(PortTaken, match="80/tcp"):
            await slirp.forward("tcp", 80, 80)

    answering(tmp_path, {"error": {"desc": "bad request: add_hostfwd: slirp_add_hostfwd failed"}}, story)
