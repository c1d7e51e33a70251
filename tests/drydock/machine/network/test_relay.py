"""The relay forwards from a Unix socket to ports of its own loopback interface, as long as its command runs."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
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


def test_a_burst_at_a_server_with_a_short_backlog(path: Path) -> None:
    """With a server that listens with a backlog of 1, as slirp4netns does, 50 connections at once are all answered."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        port = server.getsockname()[1]

        def accept() -> None:
            for _ in range(50):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"there")

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        began = time.monotonic()
        with ThreadPoolExecutor(50) as clients:
            assert list(clients.map(partial(send, path), [f"{port}\n".encode()] * 50)) == [b"there"] * 50
        assert time.monotonic() - began < 5  # the kernel's own pauses would be 1, 2 and 4 seconds
        accepting.join()


def test_it_goes_on_after_too_many_connections(path: Path) -> None:
    """A client that comes when no more files may be open is served once others have disconnected."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        line = b"%d\n" % server.getsockname()[1]
        relay_process = next(int(pid) for pid in _children() if str(path).encode() in _command_line(pid))
        resource.prlimit(relay_process, resource.RLIMIT_NOFILE, (12, 12))
        clients = [socket.socket(socket.AF_UNIX) for _ in range(20)]
        for client in clients:
            client.connect(str(path))
            client.sendall(line)
        time.sleep(0.5)
        for client in clients:
            client.close()
        with socket.socket(socket.AF_UNIX) as last:
            last.settimeout(20)
            last.connect(str(path))
            last.sendall(line + b"last")
            assert any(_received(server) == b"last" for _ in [*clients, last])


def test_each_client_of_too_many_is_served(path: Path) -> None:
    """With files for four connections, twenty clients wait for each other, and none is disconnected."""
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as stack:
        server.settimeout(10)
        relay_process = next(int(pid) for pid in _children() if str(path).encode() in _command_line(pid))
        resource.prlimit(relay_process, resource.RLIMIT_NOFILE, (13, 13))
        for number in range(20):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(path))
            client.sendall(b"%d\nclient %d" % (server.getsockname()[1], number))
            client.shutdown(socket.SHUT_WR)
        assert {_received(server) for _ in range(20)} == {b"client %d" % number for number in range(20)}


def _received(server: socket.socket) -> bytes:
    connection, _ = server.accept()
    with connection:
        connection.settimeout(10)
        return connection.recv(64)


def _children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def _command_line(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_the_exit_code_is_the_commands() -> None:
    """The relay returns its command's exit code."""
    folder = socket_folder("relay")
    try:
        assert relay.main(str(folder / "relay"), ["sh", "-c", "exit 3"]) == 3
    finally:
        (folder / "relay").unlink()
        folder.rmdir()
