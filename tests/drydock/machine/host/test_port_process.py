"""The program that has a port of this computer."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from drydock.machine.host.port_process import program_on
from drydock.machine.network.slirp import free_port


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_program_that_listens_is_named(address: str) -> None:
    """It has a name and the number of its process."""
    with socket.create_server((address, 0)) as server:
        assert program_on(server.getsockname()[1]).endswith(f" (process {os.getpid()})")


def test_a_udp_socket_is_named() -> None:
    """A UDP socket that has its port waits for packets."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert program_on(port, "udp").endswith(f" (process {os.getpid()})")
        assert program_on(port, "tcp") == ""


def test_a_free_port_has_no_program() -> None:
    """Nothing is named where nothing listens."""
    assert program_on(free_port()) == ""


def test_a_program_with_an_odd_name_is_named() -> None:
    """A name that is no UTF-8 is shown with a replacement character."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        own = Path("/proc/self/comm").read_bytes()
        try:
            Path("/proc/self/comm").write_bytes(b"odd\xff")
            assert program_on(server.getsockname()[1]) == f"odd\ufffd (process {os.getpid()})"
        finally:
            Path("/proc/self/comm").write_bytes(own)
