"""The line to the guest, with a guest at its other end that behaves or doesn't."""

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

#: What a guest answers to one line; None hangs up.
Answer = Callable[[str], bytes | None]


def talk(guest: Answer, story: Callable[[GuestAgent], Coroutine[Any, Any, None]]) -> None:
    """Tell a story with a console whose guest answers each line so."""

    async def tell() -> None:
        console = GuestAgent()
        reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=os.dup(console.theirs.fileno())))
        await console.open()

        async def answer() -> None:
            while line := await reader.readline():
                said = guest(line.decode().rstrip("\n"))
                if said is None:
                    break
                writer.write(said)
            writer.close()

        answering = asyncio.ensure_future(answer())
        try:
            await story(console)
        finally:
            console.close()
            await asyncio.wait_for(answering, 5)

    asyncio.run(tell())


def echo(line: str) -> bytes:
    """A guest that says yes to everything, and repeats it."""
    number, _, rest = line.partition(" ")
    return f"{number} ok {rest}\n".encode()


def test_each_question_gets_its_own_answer() -> None:
    """Questions asked at once go one after the other, and none gets another's answer."""

    async def story(console: GuestAgent) -> None:
        answers = await asyncio.gather(*(console.ask("share", f"/{place}") for place in range(20)))
        assert answers == [f"share /{place}" for place in range(20)]

    talk(echo, story)


def test_the_guests_no_is_an_error_in_its_words() -> None:
    """What the guest says when it can't is what the caller hears."""

    async def story(console: GuestAgent) -> None:
        with pytest.raises(RuntimeError, match="no rule for tcp 80"):
            await console.ask("open", "tcp", "80")

    talk(lambda line: line.split()[0].encode() + b" error no rule for tcp 80\n", story)


def test_an_answer_may_be_empty() -> None:
    """A yes without a word is a yes."""

    async def story(console: GuestAgent) -> None:
        assert await console.ask("trim") == ""

    talk(lambda line: line.split()[0].encode() + b" ok\n", story)


def test_chatter_is_passed_over() -> None:
    """Greetings, nonsense, bytes that are no text and late answers to others are not the answer."""

    async def story(console: GuestAgent) -> None:
        assert await console.ask("log", "1") == "log 1"

    talk(lambda line: b"0 ok ready\n\n\xff\xfe\n77 error other\n" + echo(line), story)


def test_a_flood_is_not_kept() -> None:
    """A guest that answers without end fills no memory: it said nothing that counts, and the next question stands."""
    said = iter([b"x" * 100_000 + b"\n", None])

    async def story(console: GuestAgent) -> None:
        with pytest.raises(RuntimeError, match="too long"):
            await console.ask("log", "9999")
        assert await console.ask("trim", seconds=5) == "trim"

    talk(lambda line: next(said, None) or echo(line), story)


def test_silence_has_a_deadline() -> None:
    """A guest that never answers costs its seconds and no more."""

    async def story(console: GuestAgent) -> None:
        with pytest.raises(TimeoutError):
            await console.ask("trim", seconds=0.05)

    talk(lambda line: b"", story)


def test_a_late_answer_is_not_the_next_ones() -> None:
    """What comes after its deadline is not mistaken for the answer to the next question."""
    waiting: list[bytes] = []

    def late(line: str) -> bytes:
        waiting.append(echo(line))
        return b"".join(waiting) if len(waiting) == 2 else b""

    async def story(console: GuestAgent) -> None:
        with pytest.raises(TimeoutError):
            await console.ask("first", seconds=0.05)
        assert await console.ask("second", seconds=5) == "second"

    talk(late, story)


def test_a_guest_that_hangs_up() -> None:
    """When the guest closes its end, whoever asks hears it at once."""

    async def story(console: GuestAgent) -> None:
        with pytest.raises(RuntimeError, match="closed its console"):
            await console.ask("trim")

    talk(lambda line: None, story)


def test_only_the_end_of_a_log_is_kept() -> None:
    """However much a guest prints on its first console, what is kept is the end of it."""

    async def story() -> None:
        stream, tail = asyncio.StreamReader(), deque[bytes](maxlen=4)
        stream.feed_data(b"a" * 1_000_000 + b"the end")
        stream.feed_eof()
        await keep_tail(stream, tail)
        kept = b"".join(tail)
        assert len(kept) <= 4 * 4096
        assert kept.endswith(b"the end")

    asyncio.run(story())


def test_a_kernel_that_inherits_nothing_calls() -> None:
    """The first caller at the socket is the kernel; nobody gets in after it."""
    folder = socket_folder("console")

    async def story() -> None:
        console = GuestAgent()
        path = console.listen(folder / "line")
        opening = asyncio.ensure_future(console.open())
        reader, writer = await asyncio.open_unix_connection(str(path))
        await opening
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_unix_connection(str(path))
        asking = asyncio.ensure_future(console.ask("trim"))
        writer.write(echo((await reader.readline()).decode().rstrip("\n")))
        assert await asking == "trim"
        writer.close()
        console.close()

    asyncio.run(story())
    (folder / "line").unlink()
    folder.rmdir()


def test_a_console_never_opened_closes() -> None:
    """A machine whose kernel never started lets go of both ends."""
    console = GuestAgent()
    console.close()
    assert console.theirs.fileno() == -1
