"""A socket is reached where it lies, and only there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drydock.machine.isolation import safe_connect


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say one word to whoever connects."""
    writer.write(b"hello")
    writer.close()


def test_who_listens_there_is_heard(tmp_path: Path) -> None:
    """The stream is the one that the socket's owner speaks into."""

    async def story() -> bytes:
        async with await asyncio.start_unix_server(greet, tmp_path / "socket"):
            reader, writer = await safe_connect.connect(tmp_path / "socket")
            heard = await reader.read()
            writer.close()
            return heard

    assert asyncio.run(story()) == b"hello"


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    """Who put a link in the socket's place gets us to speak with nobody, though somebody listens at its other end."""

    async def story() -> None:
        (tmp_path / "link").symlink_to(tmp_path / "socket")
        async with await asyncio.start_unix_server(greet, tmp_path / "socket"):
            with pytest.raises(ConnectionRefusedError):
                await safe_connect.connect(tmp_path / "link")

    asyncio.run(story())


def test_where_nothing_is_an_error_says_so(tmp_path: Path) -> None:
    """As with any file."""
    with pytest.raises(FileNotFoundError):
        asyncio.run(safe_connect.connect(tmp_path / "socket"))
