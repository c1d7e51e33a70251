"""The server, with a client on one side and a daemon on the other: one request, one answer, nothing else."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from drydock.core.waiting import wait_for
from drydock.machine.guest.proxy import proxy_server
from drydock.machine.guest.proxy.peer_credentials import Caller
from drydock.machine.guest.proxy.stream_relay import Limits
from tests.drydock.machine.guest.proxy.recording_daemon import Received, RecordingDaemon, recording
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, OWN, OWN_EXEC


class Way(NamedTuple):
    """A proxy's socket and the daemon behind it."""

    path: Path
    daemon: RecordingDaemon

    def connect(self) -> socket.socket:
        """Return a connection of a client's."""
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(20)
        line.connect(str(self.path))
        return line

    def ask(self, *pieces: bytes) -> bytes:
        """Send a request in pieces and return all that comes back."""
        with self.connect() as line:
            for piece in pieces:
                line.sendall(piece)
            return b"".join(iter(lambda: line.recv(65536), b""))


@contextmanager
def kernel(connection: socket.socket) -> Iterator[Caller]:
    """Let a process of the tests stand for one in the kernel container."""
    ended = os.pidfd_open(os.getpid())
    try:
        yield Caller(KERNEL, ended)
    finally:
        os.close(ended)


@contextmanager
def serving(folder: Path, identify: proxy_server.Identify = kernel) -> Iterator[Way]:
    """Run a proxy in front of a daemon that keeps what it receives."""
    with recording(folder / "daemon") as daemon, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "proxy"))
        listener.listen(1024)
        proxy = proxy_server.Server(listener, daemon.asked, Limits(), identify)
        thread = threading.Thread(target=proxy.serve)
        thread.start()
        try:
            yield Way(folder / "proxy", daemon)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    """A proxy in front of a daemon."""
    with serving(tmp_path) as made:
        yield made


def test_a_request_is_written_anew(way: Way) -> None:
    """The daemon gets the same values in the proxy's own bytes, and none of the client's headers."""
    body = json.dumps({"Image": "x", "HostConfig": {"NetworkMode": "back"}}).encode()
    head = b"POST /v1.41/containers/create?name=web HTTP/1.1\r\nHost: evil\r\nX-Evil: 1\r\nContent-Length: %d\r\n\r\n"
    assert way.ask(head % len(body), body[:5], body[5:]) == b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"done":true}'
    (received,) = way.daemon.received
    assert received[:3] == ("POST", "/v1.45/containers/create", (("name", "web"),))
    assert [name for name, _ in received.headers] == ["Host", "Connection", "Content-Type", "Content-Length"]
    assert json.loads(received.body)["HostConfig"] == {"NetworkMode": "back"}


def test_one_connection_has_one_request(way: Way) -> None:
    """What comes after it, and might be one, reaches nobody: after reads, after bodies, after uploads."""
    second = b"POST /containers/create HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
    for first in (
        b"GET /info HTTP/1.1\r\n\r\n",
        b"POST /volumes/create HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /build HTTP/1.1\r\nContent-Length: 3\r\n\r\ntar",
        b"POST /build HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntar\r\n0\r\n\r\n",
    ):
        assert way.ask(first + second).count(b"HTTP/1.1 200") == 1
    assert [received.path for received in way.daemon.received] == [
        "/v1.45/info", "/v1.45/volumes/create", "/v1.45/build", "/v1.45/build",
    ]  # fmt: skip
    assert [received.body for received in way.daemon.received[2:]] == [b"tar", b"tar"]
    assert all(received.rest == b"" for received in way.daemon.received)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /swarm/init HTTP/1.1\r\n\r\n", b"403"),
        (b"GET /info HTTP/1.1\r\nContent-Length: 9\r\n\r\n{\"a\": 12}", b"400"),
        (b"GET /info HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (b"POST /containers/x/start HTTP/1.1\r\n\r\n", b"404"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST /containers/create HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n" + bytes(2 << 20), b"413"),
        (b"GET /info HTTP/1.1\r\nA: " + bytes(100_000), b"413"),
    ],
)  # fmt: skip
def test_a_refusal_is_the_proxys_answer(way: Way, request_: bytes, status: bytes) -> None:
    """The daemon receives nothing; a client that sends much can read the answer, too."""
    assert way.ask(request_).startswith(b"HTTP/1.1 " + status)
    assert way.daemon.received == []


def test_a_stream_is_given_over(way: Way) -> None:
    """Both ways, from the first byte after the request."""
    head = f"POST /exec/{OWN_EXEC}/start HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n"
    with way.connect() as line:
        line.sendall(head.encode() + b"{}ea")
        answer = line.recv(4096)
        line.sendall(b"rly")
        line.shutdown(socket.SHUT_WR)
        answer += b"".join(iter(lambda: line.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 101 UPGRADED\r\n")
    assert answer.endswith(b"\r\n\r\nearly")
    (received,) = wait_for(lambda: way.daemon.received, "the end of the stream", seconds=10)
    assert (received.path, received.body, received.rest) == (f"/v1.45/exec/{OWN_EXEC}/start", b"{}", b"early")


def test_a_stream_has_no_second_request(way: Way) -> None:
    """What looks like one is the stream's content, in a connection that the daemon no longer reads as HTTP."""
    head = f"POST /containers/{OWN}/attach?stream=1 HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n".encode()
    second = b"POST /containers/create HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
    with way.connect() as line:
        line.sendall(head + second)
        line.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: line.recv(4096), b"")).endswith(second)
    (received,) = wait_for(lambda: way.daemon.received, "the end of the stream", seconds=10)
    assert received.rest == second


@pytest.mark.parametrize(
    ("target", "protocol", "body"),
    [(f"/exec/{OWN_EXEC}/start", "tcp", '{"Detach":true}'), ("/session", "h2c", ""), ("/grpc", "h2c", "")],
)
def test_a_stream_that_the_daemon_does_not_begin_is_no_request(way: Way, target: str, protocol: str, body: str) -> None:
    """A detached command and the id of another session get an answer, after which the daemon reads HTTP again."""
    way.daemon.switches = False
    head = (
        f"POST {target} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with way.connect() as line:
        line.sendall(f"{head}{body}POST /containers/create HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    assert answer.count(b"HTTP/1.1 200") == 1
    assert [received.path for received in way.daemon.received] == [f"/v1.45{target}"]


def test_a_request_ends_with_the_process_that_opened_its_connection(tmp_path: Path) -> None:
    """Another process that has the connection can finish the request, but the daemon does not get it."""
    identified = threading.Event()
    with subprocess.Popen(["sleep", "60"]) as opener:

        @contextmanager
        def identify(connection: socket.socket) -> Iterator[Caller]:
            ended = os.pidfd_open(opener.pid)
            identified.set()
            try:
                yield Caller(KERNEL, ended)
            finally:
                os.close(ended)

        with serving(tmp_path, identify) as way, way.connect() as line:
            line.sendall(b"POST /containers/mine/stop HTTP/1.1\r\n")
            assert identified.wait(20)
            opener.kill()
            opener.wait()
            line.sendall(b"\r\n")
            assert line.recv(4096).startswith(b"HTTP/1.1 403")
        assert way.daemon.received == []


def test_folders_are_made_before_the_daemon_is_asked(tmp_path: Path) -> None:
    """In the work folder of the caller."""
    work = tmp_path / "work"
    work.mkdir()
    with serving(tmp_path) as way:
        way.daemon.lookups[f"/containers/{KERNEL}/json"] = {
            "Id": KERNEL, "Config": {"Labels": {"io.drydock.owner": "autograder"}},
            "Mounts": [
                {"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/var/run/docker.sock"},
                {"Type": "volume", "Name": "work-7", "Source": str(work), "Destination": str(work)},
            ],
        }  # fmt: skip
        body = json.dumps({"Image": "x", "HostConfig": {"Binds": [f"{work}/new:/x"]}}).encode()
        way.ask(b"POST /containers/create HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    (received,) = way.daemon.received
    assert json.loads(received.body)["HostConfig"]["Mounts"][0]["Source"] == "work-7"
    assert (work / "new").is_dir()
    assert str(work).encode() not in received.body


def test_too_many_connections_are_told(way: Way) -> None:
    """The open ones go on, and when one ends, another one is accepted."""
    lines, ping = [way.connect() for _ in range(proxy_server.CONNECTIONS)], b"GET /_ping HTTP/1.1\r\n\r\n"
    try:
        wait_for(lambda: way.ask(ping).startswith(b"HTTP/1.1 503"), "the limit", seconds=10)
        lines.pop().close()
        wait_for(lambda: b" 200 " in way.ask(ping), "room", seconds=10)
    finally:
        for line in lines:
            line.close()


def test_a_daemon_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The client gets an answer, and the proxy goes on."""
    with serving(tmp_path) as way:
        assert b" 200 " in way.ask(b"GET /_ping HTTP/1.1\r\n\r\n")
        way.daemon.path.rename(tmp_path / "away")
        assert way.ask(b"GET /_ping HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 502")
        (tmp_path / "away").rename(way.daemon.path)
        assert b" 200 " in way.ask(b"GET /_ping HTTP/1.1\r\n\r\n")


def test_it_comes_back_when_it_is_killed(tmp_path: Path) -> None:
    """The child that serves is started again at the same socket; a process of this computer is refused by both."""
    path = tmp_path / "proxy"
    words = [sys.executable, "-c", f"from {proxy_server.__name__} import main; main({str(path)!r}, '/nowhere')"]
    with subprocess.Popen(words) as parent:
        try:
            first = _child(parent.pid)
            inode = path.stat().st_ino
            assert _refused(path)
            os.kill(first, signal.SIGKILL)
            wait_for(lambda: not Path(f"/proc/{first}").exists(), "the end of the child", seconds=20)
            assert _refused(path)
            assert _child(parent.pid, other_than=first) != first
            assert path.stat().st_ino == inode
        finally:
            child = _child(parent.pid)
            parent.kill()
            os.kill(child, signal.SIGKILL)


def _child(parent: int, other_than: int = 0) -> int:
    """Return the one child of a process."""

    def children() -> list[int]:
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [int(pid) for pid in listed if int(pid) != other_than]

    return int(wait_for(children, "the child", seconds=20)[0])


def _refused(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line, closing(line):
        line.settimeout(20)
        line.connect(str(path))
        line.sendall(b"GET /_ping HTTP/1.1\r\n\r\n")
        return line.recv(4096).startswith(b"HTTP/1.1 403")


def test_what_it_received_is_kept(way: Way) -> None:
    """A check of the recording daemon itself, without which the tests above would say little."""
    way.ask(b"GET /_ping HTTP/1.1\r\n\r\n")
    assert way.daemon.received == [
        Received("GET", "/v1.45/_ping", (), (("Host", "docker"), ("Connection", "close")), b"")
    ]
