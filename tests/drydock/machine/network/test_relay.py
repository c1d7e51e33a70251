"""The relay: from a Unix socket to a port of the loopback it stands on, for as long as its command runs."""

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
    """A relay beside a command that runs until its input ends, alone in Python as behind the wall."""
    folder = socket_folder("relay")
    words = [sys.executable, "-I", "-S", relay.__file__, str(folder / "relay"), "cat"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        wait_for((folder / "relay").exists, "the relay", seconds=10)
        yield folder / "relay"
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0
    (folder / "relay").unlink()
    folder.rmdir()


def asked(path: Path, line: bytes) -> bytes:
    """What comes back for a line that names a port, and a word after it."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(line)
        client.shutdown(socket.SHUT_WR)
        said = b""
        with suppress(ConnectionResetError):  # it hung up before all of the line was read
            while piece := client.recv(4096):
                said += piece
        return said


def test_it_leads_there_and_back(path: Path) -> None:
    """What is sent arrives whole, its end too, and so does the answer."""

    def backwards(handler: StreamRequestHandler) -> None:
        handler.wfile.write(handler.rfile.read()[::-1])

    with serving(backwards) as port:
        assert asked(path, f"{port}\n".encode() + b"x" * 100_000 + b"y") == b"y" + b"x" * 100_000


@pytest.mark.parametrize("line", [b"1\n", b"no port\n", b"", b"99999\n", b"999999999999999999\n"])
def test_where_nobody_listens_it_hangs_up(path: Path, line: bytes) -> None:
    """A port without a listener, and what is no port, is a closed connection and nothing worse."""
    assert asked(path, line) == b""


def test_it_ends_as_its_command_did() -> None:
    """The command's exit code is the relay's."""
    folder = socket_folder("relay")
    try:
        assert relay.main(str(folder / "relay"), ["sh", "-c", "exit 3"]) == 3
    finally:
        (folder / "relay").unlink()
        folder.rmdir()
