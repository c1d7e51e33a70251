"""The relay forwards from a Unix socket to ports of its own loopback interface, as long as its command runs."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socketserver import StreamRequestHandler

import pytest

from drydock.core.paths import socket_folder
from drydock.core.waiting import wait_for
from drydock.machine.network import relay
from tests.autograder.conftest import serving


@pytest.fixture
def path() -> Iterator[Path]:
    """Start a relay with the standard library only, beside a command that runs until its input ends."""
    folder = socket_folder("relay")
    argv = [sys.executable, "-I", "-S", relay.__file__, str(folder / "relay"), "cat"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        wait_for((folder / "relay").exists, "the relay", seconds=60)
        yield folder / "relay"
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0
    (folder / "relay").unlink()
    folder.rmdir()


def send(path: Path, data: bytes) -> bytes:
    """Send data that begins with a port's line through the relay; return the answer."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(ConnectionResetError):  # the relay closed the connection before it had read the whole line
            while chunk := client.recv(4096):
                answer += chunk
        return answer


def test_data_arrives_in_both_directions(path: Path) -> None:
    """All data and its end arrive at the server, and so does the answer at the client."""

    def reverse(handler: StreamRequestHandler) -> None:
        handler.wfile.write(handler.rfile.read()[::-1])

    with serving(reverse) as port:
        assert send(path, f"{port}\n".encode() + b"x" * 100_000 + b"y") == b"y" + b"x" * 100_000


@pytest.mark.parametrize("line", [b"1\n", b"no port\n", b"", b"99999\n", b"999999999999999999\n"])
def test_a_bad_port_closes_the_connection(path: Path, line: bytes) -> None:
    """For a port without a server, or for a line that is no port, the connection is closed and the relay goes on."""
    assert send(path, line) == b""


def test_the_exit_code_is_the_commands() -> None:
    """The relay returns its command's exit code."""
    folder = socket_folder("relay")
    try:
        assert relay.main(str(folder / "relay"), ["sh", "-c", "exit 3"]) == 3
    finally:
        (folder / "relay").unlink()
        folder.rmdir()
