"""Runs in isolation beside slirp4netns and forwards connections from a Unix socket to the loopback interface there.

``python -I -S relay.py SOCKET COMMAND…`` starts COMMAND, serves SOCKET as long as COMMAND runs, and exits with its exit
code. A client sends a port number and a line end, and is then connected to 127.0.0.1:PORT of the isolated network.
This script imports only the standard library: the isolated process has Python, but not Drydock.
"""

from __future__ import annotations

import select
import socket
import subprocess
import sys
import threading
import time

_LOOPBACK = "127.0.0.1"
#: How long each attempt to connect to slirp4netns waits, in seconds. With its backlog of 1, the kernel drops a third
#: client's request and would repeat it after a second; closing that connection and opening another is faster.
ACCEPT_SECONDS = [0.001 * 2**attempt for attempt in range(13)]
_PAUSE_SECONDS = 0.05
#: One connection at a time: with several, each would take the place that another waits for.
_CONNECTING = threading.Lock()
#: Held by a thread that opens files, so that no other takes the place of a socket that it closes to open another.
_OPENING = threading.Lock()


def main(path: str, command: list[str]) -> int:
    """Serve the socket at ``path`` until the command exits; return its exit code."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1024)
    with subprocess.Popen(command) as child:
        threading.Thread(target=_accept, args=[listener], daemon=True).start()
        return child.wait()


def _accept(listener: socket.socket) -> None:
    while True:
        select.select([listener], [], [])
        server = None
        try:
            with _OPENING:
                server = socket.socket()
                client, _ = listener.accept()
        except OSError:  # too many files are open: the client waits until others have disconnected
            if server:
                server.close()
            time.sleep(_PAUSE_SECONDS)
            continue
        threading.Thread(target=_forward, args=[client, server], daemon=True).start()


def _forward(client: socket.socket, reserved: socket.socket) -> None:
    """Forward a connection by a socket that was opened with it: a client that is accepted always gets one."""
    try:
        with client, _connect(reserved, _read_port(client)) as server:
            answers = threading.Thread(target=_copy, args=[server, client], daemon=True)
            answers.start()
            _copy(client, server)
            answers.join()
    except (OSError, ValueError, OverflowError):
        return  # no server listens at that port, or the client sent no valid port or has disconnected
    finally:
        reserved.close()


def _connect(connection: socket.socket, port: int) -> socket.socket:
    """Connect a socket, or another one in its place."""
    with _CONNECTING:
        for seconds in ACCEPT_SECONDS:
            connection.settimeout(seconds)
            try:
                connection.connect((_LOOPBACK, port))
            except TimeoutError:
                with _OPENING:
                    connection.close()
                    connection = socket.socket()
                continue
            except BaseException:
                connection.close()
                raise
            connection.settimeout(None)
            # Else the second part of a request may wait 40 ms for the acknowledgement of the first.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
    connection.close()
    raise TimeoutError("slirp4netns accepts no connection")


def _read_port(client: socket.socket) -> int:
    line = b""
    while not line.endswith(b"\n") and len(line) < 8:
        line += client.recv(1) or b"\n"
    return int(line)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for connection in (source, target):
            _disconnect(connection)


def _disconnect(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
