"""A daemon that keeps what it receives: it knows containers and networks as a real one does, and does nothing.

It reads requests with Python's own HTTP server, so that another parser than the proxy's says what arrived.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from drydock.machine.guest.proxy.daemon import Daemon
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, KERNEL_EXEC, OWN, OWN_EXEC, WORK

_OWN = {"Id": OWN, "Config": {"Labels": {"io.drydock.owner": "submission"}}, "Mounts": []}
_KERNEL = {
    "Id": KERNEL,
    "Config": {"Labels": {"io.drydock.owner": "autograder"}},
    "Mounts": [
        {"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/var/run/docker.sock"},
        {"Type": "volume", "Name": "other", "Source": "/var/lib/docker/volumes/other/_data", "Destination": "/x"},
        {"Type": "volume", "Name": WORK.volume, "Source": WORK.path, "Destination": WORK.path},
    ],
}
#: What it answers to the proxy's own questions.
_LOOKUPS: dict[str, Any] = {
    **{f"/containers/{name}/json": _OWN for name in ("mine", OWN, OWN[:12])},
    **{f"/containers/{name}/json": _KERNEL for name in ("kernel-1", KERNEL, KERNEL[:12])},
    "/networks/back": {"Name": "back", "Driver": "bridge"},
    "/networks/host": {"Name": "host", "Driver": "host"},
    f"/exec/{OWN_EXEC}/json": {"ContainerID": OWN},
    f"/exec/{KERNEL_EXEC}/json": {"ContainerID": KERNEL},
}


class Received(NamedTuple):
    """A request as it arrived; ``rest`` is what came after it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes
    rest: bytes = b""


class RecordingDaemon:
    """The requests that were no questions of the proxy's own, and how they are answered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.received: list[Received] = []
        #: What it writes to a connection that was given over, when it has read some of it.
        self.stream: Callable[[bytes], bytes] = lambda data: data
        self.answer = b'{"done":true}'
        #: Whether it gives connections over; a daemon that does not goes on to read requests there.
        self.switches = True
        self.lookups = dict(_LOOKUPS)

    @property
    def asked(self) -> Daemon:
        """The proxy's side of it."""
        return Daemon(str(self.path))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    daemon: RecordingDaemon

    def do(self) -> None:
        """Answer a question, or keep a request."""
        if self.request_version == "HTTP/1.0":
            return self._look_up()
        query = urlsplit(self.path)
        body = self._body()
        received = Received(
            self.command,
            query.path,
            tuple(parse_qsl(query.query, keep_blank_values=True)),
            tuple(self.headers.items()),
            body,
        )
        upgrade = bool(self.headers.get("Upgrade"))
        self.close_connection = not upgrade or self.daemon.switches
        if upgrade and self.daemon.switches:
            return self._give_over(received)
        if not self.close_connection:
            # Its reader does not wait for the end of the connection, and looks at what arrived.
            self.daemon.received.append(received)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + self.daemon.answer)
        self.wfile.flush()
        if self.close_connection:
            self.daemon.received.append(received._replace(rest=self._rest()))
        return None

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""

    def _look_up(self) -> None:
        facts = self.daemon.lookups.get(self.path.removeprefix("/v1.45"))
        status = "200 OK" if facts else "404 Not Found"
        self.wfile.write(f"HTTP/1.0 {status}\r\n\r\n{json.dumps(facts)}".encode())
        self.close_connection = True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            assert self.rfile.readline() == b"\r\n"
        assert self.rfile.readline() == b"\r\n"
        return body

    def _give_over(self, received: Received) -> None:
        self.wfile.write(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        self.wfile.flush()
        rest = b""
        while data := self.rfile.read1():
            rest += data
            self.wfile.write(self.daemon.stream(data))
            self.wfile.flush()
        self.daemon.received.append(received._replace(rest=rest))

    def _rest(self) -> bytes:
        self.connection.settimeout(0.005)
        try:
            return self.rfile.read1()
        except TimeoutError:
            return b""


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def recording(path: Path) -> Iterator[RecordingDaemon]:
    """Run such a daemon at a socket."""
    daemon = RecordingDaemon(path)
    handler = type("Handler", (_Handler,), {"daemon": daemon})
    with _Server(str(path), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield daemon
        finally:
            server.shutdown()
            thread.join()
