"""A real terminal on a real container, over a socket and over TLS."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from docker.errors import APIError
from docker.models.containers import Container

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.errors import TerminalClosed, TimedOut
from drydock.learn import terminal
from drydock.machine import Machine


@contextmanager
def bash(endpoint: Endpoint) -> Iterator[Container]:
    """A container whose own process is a bash with a terminal."""
    with closing(endpoint.client()) as client:
        images.build(client, ["debian"])
        container = client.containers.run(
            "drydock/debian:13", "bash", tty=True, stdin_open=True, detach=True, labels={LABEL: "tests"}
        )
        try:
            yield container
        finally:
            container.remove(force=True)


@pytest.fixture
def box(host: Endpoint) -> Iterator[Container]:
    """One of those in the host's daemon."""
    with bash(host) as container:
        yield container


def conversation(box: Container) -> None:
    """Attach, detach and come back; look in beside it; leave for good."""
    with terminal.attach(box) as screen:
        screen.type("kept=$((6 * 7))")
        screen.press(terminal.DETACH)
        screen.read_to_end()
    with terminal.attach(box) as screen:
        screen.type("echo still $kept")
        assert "still 42" in screen.read_until("still 42")
    with terminal.execute(box) as screen:
        screen.type("tty; echo kept is ${kept:-unknown}")
        assert "/dev/pts/1" in screen.read_until("kept is unknown")
        screen.type("exit")
        screen.read_to_end()
    box.reload()
    assert box.status == "running"
    with terminal.attach(box) as screen:
        screen.type("exit")
        screen.read_to_end()
    assert box.wait(timeout=20)["StatusCode"] == 0


@pytest.mark.host
def test_over_a_socket(box: Container) -> None:
    """On the host's own daemon a terminal does all that a person's would."""
    conversation(box)


@pytest.mark.live
@pytest.mark.timeout(600)
def test_over_tls() -> None:
    """On a machine's daemon, behind certificates, it does the same."""
    with Machine() as machine, bash(machine.endpoint) as box:
        conversation(box)


@pytest.mark.host
def test_what_is_shown_reads_as_on_a_screen(box: Container) -> None:
    """The prompt is there before the line that was typed, each line once, without control characters."""
    with terminal.attach(box) as screen:
        screen.type("echo $((20 + 3))")
        screen.read_until("\n23\n")  # a whole line: the prompt shows a container's id, where a 23 may be, too
    shown = str(screen)
    assert shown.startswith("root@")
    assert shown.count("echo $((20 + 3))") == 1
    assert "\x1b" not in shown


@pytest.mark.host
def test_waiting_has_an_end(box: Container) -> None:
    """What never comes is waited for no longer than said, and the error tells what was there instead."""
    with terminal.attach(box) as screen, pytest.raises(TimedOut, match="s waiting for 'never'"):
        screen.read_until("never", seconds=0.3)


@pytest.mark.host
def test_who_comes_too_late_leaves_nothing_open(box: Container) -> None:
    """A container that has ended has no terminal, and the line to it is closed: an open one would be a warning here."""
    box.kill()
    box.wait()
    with pytest.raises(APIError), terminal.attach(box):
        pass
    gc.collect()


@pytest.fixture
def ends() -> Iterator[tuple[terminal.Terminal, socket.socket]]:
    """A terminal, and its other side, without a container between them."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield terminal.Terminal(ours), theirs


def test_a_screen_that_closes(ends: tuple[terminal.Terminal, socket.socket]) -> None:
    """When the other side hangs up before the text came, the error shows the last words."""
    screen, theirs = ends
    theirs.sendall(b"bye\r\n")
    theirs.close()
    with pytest.raises(TerminalClosed, match="closed before 'hello' appeared") as caught:
        screen.read_until("hello")
    assert "bye" in str(caught.value)
    with pytest.raises(TerminalClosed):
        screen.press("x")


def test_reading_goes_on_where_it_was(ends: tuple[terminal.Terminal, socket.socket]) -> None:
    """Each reading returns what is new, and the whole stays."""
    screen, theirs = ends
    theirs.sendall(b"one\r\n")
    assert screen.read_until("one") == "one\n"
    theirs.sendall(b"two\r\n")
    assert screen.read_until("two") == "two\n"
    assert str(screen) == "one\ntwo\n"


def test_typing_waits_for_the_prompt(ends: tuple[terminal.Terminal, socket.socket]) -> None:
    """A line is typed when the screen has come to rest, not into the middle of what is still on its way."""
    screen, theirs = ends
    late = threading.Timer(0.2, theirs.sendall, [b"$ "])
    late.start()
    screen.type("ls")
    late.join()
    assert str(screen) == "$ "
    assert theirs.recv(10) == b"ls\n"


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        (b"\x1b[?2004h\x1b[01;32mroot\x1b[0m# ", "root# "),
        (b"10 %\r20 %\r30 %\r\n", "30 %\n"),
        (b"root# \r\x1b[Kroot# ls\r\n", "root# ls\n"),
        (b"\x1b]0;title\x07root# \x07", "root# "),
    ],
)
def test_control_characters_are_not_for_reading(shown: bytes, read: str) -> None:
    """Colours, titles, bells and lines that were begun again leave only the text that stays."""
    assert terminal.plain(shown) == read


def test_a_line_that_is_begun_again_hides_nothing() -> None:
    """What was read gets shorter on the screen, and what comes later is seen all the same."""
    program, person = socket.socketpair()
    with closing(program), closing(person):
        screen = terminal.Terminal(person)
        program.sendall(b"done, and a long line that is not kept")
        screen.read_until("kept")
        program.sendall(b"\r$ \nyes\n")
        assert screen.read_until("yes", seconds=5).endswith("yes\n")
