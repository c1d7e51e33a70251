"""Traffic through a published port: with the server as a program of this computer, and in a real machine."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import docker
import pytest

from drydock.core.waiting import wait_for
from drydock.errors import TransferIncomplete
from drydock.machine.bench import port_traffic, results_table, traffic_server
from drydock.machine.network.slirp import free_port
from tests.drydock.machine.bench.test_workload import leftovers


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server that runs on this computer."""
    port = free_port()
    with subprocess.Popen([sys.executable, traffic_server.__file__, str(port)]) as server:
        try:
            wait_for(lambda: port_traffic.is_answered(port), "the server", seconds=60)
            yield port
        finally:
            server.kill()


def test_a_burst_is_answered(port: int) -> None:
    """All connections at once get their own line, and none before the server's half second."""
    answered, longest = asyncio.run(port_traffic.burst(port))
    assert answered == port_traffic.CONNECTIONS
    assert longest >= traffic_server.DELAY_SECONDS


def test_unanswered_connections_are_not_counted() -> None:
    """Connections that are refused, or get no answer in time, are not answered."""
    assert asyncio.run(port_traffic.burst(free_port(), connections=3))[0] == 0
    assert not port_traffic.is_answered(free_port())


def test_an_answer_that_comes_too_late(port: int) -> None:
    """A connection whose answer takes longer than the limit is not answered, and the burst ends at the limit."""
    answered, longest = asyncio.run(port_traffic.burst(port, connections=3, seconds=0.1))
    assert answered == 0
    assert longest >= 0.1


def test_streams_have_a_speed(port: int) -> None:
    """Both directions are measured in MB/s."""
    assert port_traffic.upload(port, 2) > 0
    assert port_traffic.download(port, 2) > 0


def test_a_stream_that_breaks_off() -> None:
    """A stream that ends before its size has arrived is an error, and has no speed."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:
        threads.submit(_answer_shortly, listener)
        with pytest.raises(TransferIncomplete, match="through the published port") as caught:
            port_traffic.download(listener.getsockname()[1], 1)
    assert caught.value.why == "1048576 bytes were sent, and 5 arrived."


def _answer_shortly(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(64)
        connection.sendall(b"short")


@pytest.mark.live
@pytest.mark.nightly
def test_the_port_of_a_machine(client: docker.DockerClient) -> None:
    """In a machine all connections are answered, each figure has a row, and the container is removed."""
    figures = port_traffic.measure(client, ("127.0.0.1", free_port()))
    assert set(figures) == {"burst_answered", "burst_s", "port_in_mb_s", "port_out_mb_s"}
    assert set(figures) < set(results_table.ROWS)
    assert figures["burst_answered"] == port_traffic.CONNECTIONS
    assert leftovers(client) == []
