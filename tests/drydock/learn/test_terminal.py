"""A container's terminal, over a Unix socket and over TLS."""

from __future__ import annotations

import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import cast

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
    """Yield a container whose main process is a bash with a terminal."""
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
    """A container with a bash in the host's daemon."""
    with bash(host) as container:
        yield container


def check_terminals(box: Container) -> None:
    """Attach, detach and attach again; open a second terminal with ``exec``; end the container's bash."""
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
    """Over the host daemon's Unix socket, attach, detach and exec work."""
    check_terminals(box)


@pytest.mark.live
@pytest.mark.timeout(600)
def test_over_tls() -> None:
    """Over a machine's TLS connection, attach, detach and exec work."""
    with Machine() as machine, bash(machine.endpoint) as box:
        check_terminals(box)


@pytest.mark.host
def test_output_reads_as_on_a_screen(box: Container) -> None:
    """The prompt comes before the typed line, each line is there once, and there are no escape sequences."""
    with terminal.attach(box) as screen:
        screen.type("echo $((20 + 3))")
        screen.read_until("\n23\n")  # a whole line: the container's id in the prompt may have a 23, too
    output = str(screen)
    assert output.startswith("root@")
    assert output.count("echo $((20 + 3))") == 1
    assert "\x1b" not in output


@pytest.mark.host
def test_waiting_has_a_timeout(box: Container) -> None:
    """Waiting for a text that never comes ends after the given seconds."""
    with terminal.attach(box) as screen, pytest.raises(TimedOut, match="waiting for 'never'"):
        screen.read_until("never", seconds=0.3)


@pytest.mark.host
def test_exited_container(box: Container) -> None:
    """Attaching to an exited container is an error and leaves no connection open, which would be a warning here."""
    box.kill()
    box.wait()
    with pytest.raises(APIError), terminal.attach(box):
        pass
    gc.collect()


@pytest.fixture
def pair() -> Iterator[tuple[terminal.Terminal, socket.socket]]:
    """A terminal and its other side, without a container."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield terminal.Terminal(ours), theirs


def test_closed_terminal(pair: tuple[terminal.Terminal, socket.socket]) -> None:
    """If the other side closes before the text came, the error has the last output; typing is an error too."""
    screen, other_side = pair
    other_side.sendall(b"bye\r\n")
    other_side.close()
    with pytest.raises(TerminalClosed, match="closed before 'hello' appeared") as caught:
        screen.read_until("hello")
    assert "bye" in str(caught.value)
    with pytest.raises(TerminalClosed):
        screen.press("x")


def test_reading_returns_new_output(pair: tuple[terminal.Terminal, socket.socket]) -> None:
    """Each reading returns the output since the last one; the text of the terminal has all of it."""
    screen, other_side = pair
    other_side.sendall(b"one\r\n")
    assert screen.read_until("one") == "one\n"
    other_side.sendall(b"two\r\n")
    assert screen.read_until("two") == "two\n"
    assert str(screen) == "one\ntwo\n"


def test_typing_waits_for_the_prompt(pair: tuple[terminal.Terminal, socket.socket]) -> None:
    """A line is typed only after a prompt that comes late."""
    screen, other_side = pair
    prompt = threading.Timer(0.2, other_side.sendall, [b"$ "])
    prompt.start()
    screen.type("ls")
    prompt.join()
    assert str(screen) == "$ "
    assert other_side.recv(10) == b"ls\n"


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        (b"\x1b[?2004h\x1b[01;32mroot\x1b[0m# ", "root# "),
        (b"10 %\r20 %\r30 %\r\n", "30 %\n"),
        (b"root# \r\x1b[Kroot# ls\r\n", "root# ls\n"),
        (b"\x1b]0;title\x07root# \x07", "root# "),
    ],
)
def test_plain_text(output: bytes, text: str) -> None:
    """Colours, titles, bells and overwritten versions of a line are left out."""
    assert terminal.plain_text(output) == text


@pytest.fixture
def endless(pair: tuple[terminal.Terminal, socket.socket]) -> Iterator[terminal.Terminal]:
    """A terminal whose program prints as fast as it can, until the terminal is closed."""
    screen, other_side = pair

    def flood() -> None:
        with suppress(OSError):
            while True:
                other_side.sendall(b"y\r\n" * 5000)

    printing = threading.Thread(target=flood, daemon=True)
    printing.start()
    yield screen
    other_side.shutdown(socket.SHUT_RDWR)
    printing.join()


@pytest.mark.parametrize("seconds", [0.2, 600])
def test_endless_output_ends_the_wait(
    endless: terminal.Terminal, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that never pauses, as `yes`, is read to the deadline, and no further than the limit of bytes."""
    monkeypatch.setattr(terminal, "_OUTPUT_LIMIT", 1 << 20)
    with pytest.raises(TimedOut):
        endless.read_until("never", seconds)
    with pytest.raises(TimedOut):
        endless.read_to_end(seconds)
    assert len(endless._received) < 2 << 20


def test_typing_into_endless_output_ends(endless: terminal.Terminal) -> None:
    """Waiting for a pause has a deadline of its own."""
    endless.type("echo")
    assert len(endless._received) <= terminal._OUTPUT_LIMIT + 65536


@pytest.mark.parametrize("output", [b"x", b"\r", b"\x1b]", b"\x1b[1", b"x\r"])
def test_a_long_line_is_read_in_linear_time(output: bytes) -> None:
    """A megabyte without a line end, chosen for patterns that go over the rest again and again."""
    began = time.process_time()
    terminal.plain_text(output * (1 << 20))
    assert time.process_time() - began < 20


def test_a_broken_connection_is_a_closed_terminal() -> None:
    """A container that is killed may take its connection along."""

    class Broken:
        def settimeout(self, _: float) -> None:
            pass

        def recv(self, _: int) -> bytes:
            raise ConnectionResetError

    with pytest.raises(TerminalClosed):
        terminal.Terminal(cast(socket.socket, Broken())).read_until("hello")


def test_overwritten_line_hides_no_output(pair: tuple[terminal.Terminal, socket.socket]) -> None:
    """Output after a line that was read and then overwritten, and so got shorter, is still found."""
    screen, other_side = pair
    other_side.sendall(b"done, and a long line that is not kept")
    screen.read_until("kept")
    other_side.sendall(b"\r$ \nyes\n")
    assert screen.read_until("yes", seconds=5).endswith("yes\n")
