"""The server in the container, with one end of a socket pair as its client."""

from __future__ import annotations

import asyncio
import socket

from drydock.machine.bench import traffic_server


def answer_to(request: bytes, *more: bytes) -> list[bytes]:
    """Send a request and, after the server's first answer to it, more bytes; return all answers."""

    async def main() -> list[bytes]:
        ours, its = socket.socketpair()
        its.setblocking(False)
        task = asyncio.ensure_future(traffic_server.answer(its))
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(request)
        answers = [await reader.read(64)] if more else []
        writer.writelines(more)
        writer.write_eof()
        answers.append(await reader.read())
        writer.close()
        await task
        return answers

    return asyncio.run(main())


def test_a_line_comes_back() -> None:
    """Bytes that are no request are sent back as they are, and the connection ends."""
    assert answer_to(b"line  7") == [b"line  7"]


def test_a_download_has_its_size() -> None:
    """A download is so many MB, and then the end of the stream."""
    assert [len(answer) for answer in answer_to(b"download 2")] == [2 << 20]


def test_an_upload_is_counted() -> None:
    """After `ready` the server reads to the end, and answers the number of bytes."""
    assert answer_to(b"upload", b"x" * 70_000, b"yz") == [b"ready", b"70002"]


def test_a_client_that_goes_away() -> None:
    """A client that disconnects during its download ends nothing but its own connection."""

    async def main() -> None:
        ours, its = socket.socketpair()
        its.setblocking(False)
        task = asyncio.ensure_future(traffic_server.answer(its))
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(b"download 64")
        await reader.read(1)
        writer.transport.abort()
        await asyncio.wait_for(task, 60)

    asyncio.run(main())
