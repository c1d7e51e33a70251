"""Runs behind the wall, beside slirp4netns: leads connections from a Unix socket to that place's own loopback.

``python -I -S relay.py SOCKET COMMAND…`` starts the command, serves SOCKET for as long as the command runs, and ends
with its exit code. Whoever connects says a port and a line end, and from then on speaks with 127.0.0.1:PORT in there.
It stands alone: behind the wall there is Python's standard library, and nothing of Drydock's.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

_LOOPBACK = "127.0.0.1"


def main(path: str, command: list[str]) -> int:
    """Serve until the command ends."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    with subprocess.Popen(command) as child:
        threading.Thread(target=_accept, args=[listener], daemon=True).start()
        return child.wait()


def _accept(listener: socket.socket) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_lead, args=[client], daemon=True).start()


def _lead(client: socket.socket) -> None:
    try:
        with client, socket.create_connection((_LOOPBACK, _port(client)), timeout=10) as server:
            server.settimeout(None)
            back = threading.Thread(target=_pump, args=[server, client], daemon=True)
            back.start()
            _pump(client, server)
            back.join()
    except (OSError, ValueError, OverflowError):
        return  # nobody listens there, or whoever asked has hung up


def _port(client: socket.socket) -> int:
    line = b""
    while not line.endswith(b"\n") and len(line) < 8:
        line += client.recv(1) or b"\n"
    return int(line)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, target):
            _hang_up(end)


def _hang_up(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
