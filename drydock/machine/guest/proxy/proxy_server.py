"""The server of the proxy: one connection, one request.

One process holds the socket and does nothing but start a child that serves it, again each time a child has ended. So a
container that has the socket mounted can use it again.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TypeAlias

from drydock.machine.guest.proxy import http_head, peer_credentials, work_folder
from drydock.machine.guest.proxy.authorization import TABLE, authorize
from drydock.machine.guest.proxy.daemon import Daemon
from drydock.machine.guest.proxy.http_body import Body, body_of
from drydock.machine.guest.proxy.http_head import Head
from drydock.machine.guest.proxy.peer_credentials import Caller, identified
from drydock.machine.guest.proxy.refusal import BAD_GATEWAY, BUSY, TOO_LARGE, Refused
from drydock.machine.guest.proxy.request_scope import Scope, WorkFolder
from drydock.machine.guest.proxy.stream_relay import Hijacked, Limits, Nothing, Relay, Upload

#: The most connections at a time; seconds for a head and for a body that is read as a whole.
CONNECTIONS = 200
_SECONDS, _BUSY_SECONDS = 30, 0.2
_BODY_LIMIT, _BLOCK = 1 << 20, 64 << 10

Identify: TypeAlias = "Callable[[socket.socket], AbstractContextManager[Caller]]"


class Connection:
    """One connection of a client."""

    def __init__(self, client: socket.socket, daemon: Daemon, limits: Limits, identify: Identify) -> None:
        self._client, self._daemon, self._limits, self._identify = client, daemon, limits, identify
        self._deadline = time.monotonic() + _SECONDS
        self._received = b""

    def serve(self) -> None:
        """Answer one request, by the daemon or by a refusal. The caller closes the connection."""
        try:
            with self._identify(self._client) as caller:
                self._relay(self._daemon.work_folders(caller.container), caller.ended)
        except Refused as refused:
            self._refuse(refused)
        except OSError:
            return  # the client has gone, or is too slow
        except Exception:
            traceback.print_exc()
            self._refuse(Refused("the proxy could not handle the request", BAD_GATEWAY))

    def _relay(self, folders: tuple[WorkFolder, ...], ended: int) -> None:
        head = self._head()
        match = TABLE.find(head.method, head.path)
        body = body_of(head)
        content = b"" if match.endpoint.upload else self._content(body)
        request = authorize(match, head, content, Scope(self._daemon, folders))
        for folder, subpath in request.folders:
            work_folder.make(folder, subpath)
        uplink = Upload(body) if request.upload else Hijacked(bool(request.upgrade)) if request.hijack else Nothing()
        with self._daemon.connect() as daemon:
            if peer_credentials.has_ended(ended):  # while another process was sending the request
                raise Refused("the process that connected has ended")
            daemon.sendall(request.to_bytes())
            Relay(self._client, daemon, uplink, self._limits).run(self._received, ended)

    def _head(self) -> Head:
        while not (length := http_head.end(self._received)):
            self._receive()
        head, self._received = self._received[:length], self._received[length:]
        return http_head.parse(head)

    def _content(self, body: Body) -> bytes:
        """Return the whole body; keep the bytes after it."""
        content = body.feed(self._received)
        while not body.done:
            self._received = b""
            self._receive()
            content += body.feed(self._received)
            if len(content) > _BODY_LIMIT:
                raise Refused("the body is too long", TOO_LARGE)
        self._received = body.surplus
        return content

    def _receive(self) -> None:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._client.settimeout(remaining)
        received = self._client.recv(_BLOCK)
        if not received:
            raise ConnectionResetError
        self._received += received

    def _refuse(self, refused: Refused) -> None:
        """Send the answer and read the rest of the request: some clients first send all of it."""
        with suppress(OSError):
            self._client.settimeout(_SECONDS)
            self._client.sendall(refused.answer())
            self._client.shutdown(socket.SHUT_WR)
            while time.monotonic() < self._deadline and self._client.recv(_BLOCK):
                pass


class Server:
    """The connections of all clients, each in a thread."""

    def __init__(
        self, listener: socket.socket, daemon: Daemon, limits: Limits, identify: Identify = identified
    ) -> None:
        self._listener, self._daemon, self._limits, self._identify = listener, daemon, limits, identify
        self._free = threading.BoundedSemaphore(CONNECTIONS)

    def serve(self) -> None:
        """Serve clients for as long as the listener is open."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._free.acquire(blocking=False):
                threading.Thread(target=self._serve, args=[client], daemon=True).start()
            else:
                with client, suppress(OSError):
                    client.settimeout(_BUSY_SECONDS)
                    client.recv(_BLOCK)  # with unread bytes, the client would get a reset and no answer
                    client.sendall(Refused("there are too many connections at a time", BUSY).answer())

    def _serve(self, client: socket.socket) -> None:
        try:
            with client:
                Connection(client, self._daemon, self._limits, self._identify).serve()
        finally:
            self._free.release()


def main(path: str, daemon: str) -> None:
    """Hold the socket at ``path``; start a child that serves it, again each time a child has ended."""
    Path(path).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        Path(path).chmod(0o600)
        listener.listen(1024)
        while True:
            child = os.fork()
            if child == 0:
                Server(listener, Daemon(daemon), Limits()).serve()
            os.waitpid(child, 0)
            time.sleep(0.1)
