"""The client of the guest's agent, with an agent at the other end that answers well, badly or not at all."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from drydock.core.paths import socket_folder
from drydock.machine.guest.guest_agent import GuestAgent, keep_tail

#: What a guest answers to one line; None closes the connection.
Answer = Callable[[str], bytes | None]


def run_with(guest: Answer, scenario: Callable[[GuestAgent], Coroutine[Any, Any, None]]) -> None:
    """Run a scenario with a client whose guest answers each line with ``guest(line)``."""

    async def main() -> None:
        agent = GuestAgent()
        reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=os.dup(agent.guest_end.fileno())))
        await agent.open()

        async def serve() -> None:
            while line := await reader.readline():
                answer = guest(line.decode().rstrip("\n"))
                if answer is None:
                    break
                writer.write(answer)
            writer.close()

        serving = asyncio.ensure_future(serve())
        try:
            await scenario(agent)
        finally:
            agent.close()
            await asyncio.wait_for(serving, 5)

    asyncio.run(main())


def echo(line: str) -> bytes:
    """Answer ``ok`` and repeat the request."""
    number, _, request = line.partition(" ")
    return f"{number} ok {request}\n".encode()


def test_each_request_gets_its_own_answer() -> None:
    """Concurrent requests are sent one after the other, and each gets its own answer."""

    async def scenario(agent: GuestAgent) -> None:
        answers = await asyncio.gather(*(agent.ask("share", f"/{folder}") for folder in range(20)))
        assert answers == [f"share /{folder}" for folder in range(20)]

    run_with(echo, scenario)


def test_an_error_has_the_guests_message() -> None:
    """When the guest answers ``error``, the exception has the guest's text."""

    async def scenario(agent: GuestAgent) -> None:
        with pytest.raises(RuntimeError, match="no rule for tcp 80"):
            await agent.ask("open", "tcp", "80")

    run_with(lambda line: line.split()[0].encode() + b" error no rule for tcp 80\n", scenario)


def test_an_answer_may_be_empty() -> None:
    """``ok`` without a text is a successful, empty answer."""

    async def scenario(agent: GuestAgent) -> None:
        assert await agent.ask("trim") == ""

    run_with(lambda line: line.split()[0].encode() + b" ok\n", scenario)


def test_other_lines_are_skipped() -> None:
    """Greetings, empty lines, bytes that are no text and late answers to other requests are skipped."""

    async def scenario(agent: GuestAgent) -> None:
        assert await agent.ask("log", "1") == "log 1"

    run_with(lambda line: b"0 ok ready\n\n\xff\xfe\n77 error other\n" + echo(line), scenario)


def test_an_endless_line_is_refused() -> None:
    """A line over the limit is an error and is not kept in memory; the next request works."""
    answers = iter([b"x" * 100_000 + b"\n", None])

    async def scenario(agent: GuestAgent) -> None:
        with pytest.raises(RuntimeError, match="too long"):
            await agent.ask("log", "9999")
        assert await agent.ask("trim", seconds=5) == "trim"

    run_with(lambda line: next(answers, None) or echo(line), scenario)


def test_no_answer_times_out() -> None:
    """A guest that never answers costs the request's time limit and no more."""

    async def scenario(agent: GuestAgent) -> None:
        with pytest.raises(TimeoutError):
            await agent.ask("trim", seconds=0.05)

    run_with(lambda line: b"", scenario)


def test_a_late_answer_is_not_the_next_ones() -> None:
    """An answer that comes after its time limit is not taken for the answer to the next request."""
    answers: list[bytes] = []

    def late(line: str) -> bytes:
        answers.append(echo(line))
        return b"".join(answers) if len(answers) == 2 else b""

    async def scenario(agent: GuestAgent) -> None:
        with pytest.raises(TimeoutError):
            await agent.ask("first", seconds=0.05)
        assert await agent.ask("second", seconds=5) == "second"

    run_with(late, scenario)


def test_a_guest_that_closes_its_console() -> None:
    """When the guest closes its end, a waiting request fails at once."""

    async def scenario(agent: GuestAgent) -> None:
        with pytest.raises(RuntimeError, match="closed its console"):
            await agent.ask("trim")

    run_with(lambda line: None, scenario)


def test_only_the_end_of_a_stream_is_kept() -> None:
    """However much a guest prints on its first console, only the last chunks are kept."""

    async def main() -> None:
        stream, tail = asyncio.StreamReader(), deque[bytes](maxlen=4)
        stream.feed_data(b"a" * 1_000_000 + b"the end")
        stream.feed_eof()
        await keep_tail(stream, tail)
        kept = b"".join(tail)
        assert len(kept) <= 4 * 4096
        assert kept.endswith(b"the end")

    asyncio.run(main())


def test_a_kernel_that_inherits_nothing_connects() -> None:
    """The first connection to the socket is the kernel's; a second one is refused."""
    folder = socket_folder("agent")

    async def main() -> None:
        agent = GuestAgent()
        path = agent.listen(folder / "agent")
        opening = asyncio.ensure_future(agent.open())
        reader, writer = await asyncio.open_unix_connection(str(path))
        await opening
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_unix_connection(str(path))
        request = asyncio.ensure_future(agent.ask("trim"))
        writer.write(echo((await reader.readline()).decode().rstrip("\n")))
        assert await request == "trim"
        writer.close()
        agent.close()

    asyncio.run(main())
    (folder / "agent").unlink()
    folder.rmdir()


def test_an_agent_that_was_never_opened_closes() -> None:
    """If the kernel never started, closing releases both ends."""
    agent = GuestAgent()
    agent.close()
    assert agent.guest_end.fileno() == -1
