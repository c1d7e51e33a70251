"""A connection reaches the socket at its path, and no socket that a link leads to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drydock.machine.isolation import safe_connect


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each connection with one word."""
    writer.write(b"hello")
    writer.close()


def test_a_listening_socket_is_reached(tmp_path: Path) -> None:
    """The stream has what the socket's server sends."""

    async def main() -> bytes:
        async with await asyncio.start_unix_server(greet, tmp_path / "socket"):
            reader, writer = await safe_connect.connect(tmp_path / "socket")
            answer = await reader.read()
            writer.close()
            return answer

    assert asyncio.run(main()) == b"hello"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A link to a socket is refused, though a server listens at that socket."""

    async def main() -> None:
        (tmp_path / "link").symlink_to(tmp_path / "socket")
        async with await asyncio.start_unix_server(greet, tmp_path / "socket"):
            with pytest.raises(ConnectionRefusedError):
                await safe_connect.connect(tmp_path / "link")

    asyncio.run(main())


def test_a_missing_socket_is_an_error(tmp_path: Path) -> None:
    """Without a file at the path, the error is that of any missing file."""
    with pytest.raises(FileNotFoundError):
        asyncio.run(safe_connect.connect(tmp_path / "socket"))
