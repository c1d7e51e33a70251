"""Traffic through a published port: many connections at once, and the speed of a stream in each direction."""

from __future__ import annotations

import asyncio
import inspect
import socket
import time
from contextlib import suppress

import docker

from drydock.core.waiting import wait_for
from drydock.errors import TransferIncomplete
from drydock.machine.bench import traffic_server
from drydock.machine.bench.image_archive import IMAGE
from drydock.machine.bench.workload import LABELS, timed

#: Connections that are opened at once.
CONNECTIONS = 200
#: The size of a stream, MB of 2^20 bytes.
STREAM_MB = 64
#: A connection without an answer after this time counts as not answered.
_SECONDS = 60.0
_LOOPBACK = "127.0.0.1"
#: The address and the port on which a container publishes its port; this computer reaches it on 127.0.0.1.
Binding = tuple[str, int]


def measure(client: docker.DockerClient, binding: Binding) -> dict[str, float]:
    """Measure a container's port that is published at ``binding``; return the figures by the names of their rows."""
    program = ["python3", "-c", inspect.getsource(traffic_server), "80"]
    ports = {"80/tcp": binding}
    container = client.containers.run(IMAGE, program, ports=ports, detach=True, labels=LABELS)
    try:
        _, port = binding
        wait_for(lambda: is_answered(port), "the server in the container", seconds=2 * _SECONDS)
        answered, longest = asyncio.run(burst(port))
        figures = {"burst_answered": float(answered), "burst_s": longest}
        return figures | {"port_in_mb_s": upload(port), "port_out_mb_s": download(port)}
    finally:
        container.remove(force=True)


def is_answered(port: int) -> bool:
    """Return whether the server answers; a forward may accept a connection before the server listens."""
    with suppress(OSError), socket.create_connection((_LOOPBACK, port), timeout=5) as connection:
        connection.sendall(b"line")
        return connection.recv(64) == b"line"
    return False


async def burst(port: int, connections: int = CONNECTIONS, seconds: float = _SECONDS) -> tuple[int, float]:
    """Open connections at once; return how many got their own line back, and the seconds that the longest took."""
    began = time.monotonic()
    lines = [b"line %d" % number for number in range(connections)]
    results = await asyncio.gather(*(_is_own_line_returned(port, line, seconds) for line in lines))
    return sum(results), time.monotonic() - began


async def _is_own_line_returned(port: int, line: bytes, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(_LOOPBACK, port)
            try:
                writer.write(line)
                return await reader.read() == line
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def upload(port: int, size_mb: int = STREAM_MB) -> float:
    """Return the speed of a stream into the container, MB/s."""
    chunk = bytes(traffic_server.CHUNK_BYTES)
    with socket.create_connection((_LOOPBACK, port), timeout=_SECONDS) as connection:
        connection.sendall(b"upload")
        connection.recv(64)  # "ready": the request was read, and what follows is the stream

        def stream() -> None:
            for _ in range(size_mb):
                connection.sendall(chunk)
            connection.shutdown(socket.SHUT_WR)
            _check(int(connection.recv(64) or 0), size_mb)

        return size_mb * len(chunk) / 1e6 / timed(stream)


def download(port: int, size_mb: int = STREAM_MB) -> float:
    """Return the speed of a stream out of the container, MB/s."""
    buffer = bytearray(traffic_server.CHUNK_BYTES)
    with socket.create_connection((_LOOPBACK, port), timeout=_SECONDS) as connection:

        def stream() -> None:
            size = 0
            connection.sendall(b"download %d" % size_mb)
            while count := connection.recv_into(buffer):
                size += count
            _check(size, size_mb)

        return size_mb * len(buffer) / 1e6 / timed(stream)


def _check(size: int, size_mb: int) -> None:
    expected = size_mb * traffic_server.CHUNK_BYTES
    if size != expected:
        raise TransferIncomplete("the published port", size, expected)
