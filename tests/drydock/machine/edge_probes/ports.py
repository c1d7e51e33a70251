"""Published ports, as a program of this computer meets them."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
import urllib.request
from contextlib import ExitStack, suppress

from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from drydock.machine.network.slirp import free_port
from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.machines import BUSYBOX, PYTHON

#: Answers each line after half a second.
_ECHO = """
import asyncio
async def answer(reader, writer):
    line = await reader.readline()
    await asyncio.sleep(.5)
    writer.write(line)
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(answer, "0.0.0.0", 80, backlog=1024)
    await server.serve_forever()
asyncio.run(main())
"""
_WEB = ("httpd", "-f", "-p", "80", "-h", "/etc")
#: Answers the length of what it has got, once the client has closed its side.
_COUNT = ("sh", "-c", "while nc -l -p 80 -e wc -c; do true; done")
_AT_ONCE = 200
_DOWNLOADED_MB = 64
_SECONDS = 8
_SHORT_SECONDS = 2


def addresses(daemon: Daemon) -> str:
    """Return the addresses, of four, at which a container answers that publishes a port on just that address."""
    reached = []
    for address in ("127.0.0.1", "127.0.0.2", "[::1]", "0.0.0.0"):
        plain = address.strip("[]")
        port = free_port(address=plain)
        target = "127.0.0.1" if plain == "0.0.0.0" else plain
        with daemon.container("-p", f"{address}:{port}:80", command=_WEB):
            reached += [plain] if _connects(target, port) else []
    return ", ".join(reached)


def other_address(daemon: Daemon) -> str:
    """Return whether a port that is published on 127.0.0.2 leaves 127.0.0.1 closed."""
    port = free_port(address="127.0.0.2")
    with daemon.container("-p", f"127.0.0.2:{port}:80", command=_WEB):
        _connects("127.0.0.2", port)
        return "open" if _connects("127.0.0.1", port, seconds=0) else "closed"


def all_addresses(daemon: Daemon) -> str:
    """Return where a port answers that is published without an address, and one that is published on 0.0.0.0."""
    results = []
    for bound in ("", "0.0.0.0:"):
        port = free_port()
        with daemon.container("-p", f"{bound}{port}:80", command=_WEB):
            reached = [address for address in ("127.0.0.1", "::1") if _connects(address, port, seconds=_SHORT_SECONDS)]
        results.append(" and ".join(reached))
    return "; ".join(results)


def one_port_twice(daemon: Daemon) -> str:
    """Return whether two containers that publish one port on two addresses answer at their own address each."""
    port, addresses = free_port(), ("127.0.0.1", "127.0.0.2")
    with ExitStack() as running:
        options = [("-p", f"{address}:{port}:80") for address in addresses]
        names = [running.enter_context(daemon.container(*option, command=_WEB)) for option in options]
        expected = [daemon.output("inspect", "--format", "{{.Config.Hostname}}", name) for name in names]
        assert all(_connects(address, port) for address in addresses)
        return "yes" if [_hostname(address, port) for address in addresses] == expected else "no"


def host_network(daemon: Daemon) -> str:
    """Return whether a server in a container with ``--network host`` is reached on this computer's loopback."""
    port = free_port()
    with daemon.container("--network", "host", command=("httpd", "-f", "-p", str(port), "-h", "/etc")):
        return "yes" if _connects("127.0.0.1", port) else "no"


def host_network_ends(daemon: Daemon) -> str:
    """Return whether a port of ``--network host`` is open two seconds after its program, in a running container."""
    port = free_port()
    command = ("sh", "-c", f"httpd -f -p 127.0.0.1:{port} -h /etc & sleep 600")
    with daemon.container("--network", "host", command=command) as name:
        if not _connects("127.0.0.1", port):
            return "not reached"
        daemon.output("exec", name, "killall", "httpd")
        with suppress(TimedOut):
            wait_for(lambda: not _connects("127.0.0.1", port, seconds=0), "the end", seconds=_SHORT_SECONDS)
        return "open" if _connects("127.0.0.1", port, seconds=0) else "closed"


def taken(daemon: Daemon) -> str:
    """Return the exit code of ``docker run`` for a port that a program of this computer listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        return str(daemon.run("-p", f"127.0.0.1:{port}:80", BUSYBOX, "true").returncode)


def closed_again(daemon: Daemon) -> str:
    """Return whether a port is closed half a second after its container was removed."""
    port = free_port()
    with daemon.container("-p", f"127.0.0.1:{port}:80", command=_WEB):
        assert _connects("127.0.0.1", port)
    try:
        wait_for(lambda: not _connects("127.0.0.1", port, seconds=0), "the port to close", seconds=0.5)
    except TimedOut:
        return "no"
    return "yes"


def half_closed(daemon: Daemon) -> str:
    """Return whether a server gets the end of a client's input, and the client then still its answer."""
    port = free_port()
    with daemon.container("-p", f"127.0.0.1:{port}:80", command=_COUNT):
        try:
            wait_for(lambda: _counts(port), "the answer", seconds=_SECONDS)
        except TimedOut:
            return "no"
    return "yes"


def burst(daemon: Daemon) -> str:
    """Return how many of 200 connections at once get their own line back within a minute."""
    port = free_port()
    options = ("--ulimit", "nofile=4096", "-p", f"127.0.0.1:{port}:80")
    with daemon.container(*options, image=PYTHON, command=("python3", "-c", _ECHO)):
        _connects("127.0.0.1", port)
        results = asyncio.run(_all_at_once(port))
    return f"{sum(results)} of {_AT_ONCE}"


def speed(daemon: Daemon) -> str:
    """Return the speed of a download from a published port, MB/s."""
    port, command = free_port(), f"cd /tmp && dd if=/dev/zero of=file bs=1M count={_DOWNLOADED_MB} && httpd -f -p 80"
    with daemon.container("-p", f"127.0.0.1:{port}:80", command=("sh", "-c", command)):
        _connects("127.0.0.1", port)
        began = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/file", timeout=60) as response:
            size = len(response.read())
    assert size == _DOWNLOADED_MB << 20
    return f"{size / 1e6 / (time.monotonic() - began):.0f}"


def exec_socket(daemon: Daemon) -> str:
    """Return whether a command gets the end of its input when docker exec's input ends."""
    with daemon.container() as name:
        done = daemon.docker("exec", "--interactive", name, "wc", "-c", stdin=b"12345")
    return "yes" if done.stdout.strip() == b"5" else "no"


async def _all_at_once(port: int) -> list[bool]:
    return await asyncio.gather(*(_gets_its_line(port) for _ in range(_AT_ONCE)))


async def _gets_its_line(port: int) -> bool:
    line = secrets.token_hex(4).encode() + b"\n"
    try:
        async with asyncio.timeout(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(line)
            answer = await reader.readline()
            writer.close()
            return answer == line
    except (OSError, TimeoutError):
        return False


def _counts(port: int) -> bool:
    """Return whether the server answers with the number of bytes after the client has closed its side."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
        connection.sendall(b"12345")
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(100).strip() == b"5"
    return False


def _hostname(address: str, port: int) -> str:
    """Return the file ``/etc/hostname`` of the container that answers there."""
    with urllib.request.urlopen(f"http://{address}:{port}/hostname", timeout=_SECONDS) as response:
        return str(response.read().decode().strip())


def _connects(address: str, port: int, *, seconds: float = _SECONDS) -> bool:
    """Return whether an HTTP server answers there within some seconds."""
    try:
        wait_for(lambda: _answers(address, port), "the server", seconds=seconds, every=0.1)
    except TimedOut:
        return False
    return True


def _answers(address: str, port: int) -> bool:
    """Return whether a server answers a request; a forward may accept a connection that leads nowhere."""
    with suppress(OSError), socket.create_connection((address, port), timeout=2) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return bool(connection.recv(1))
    return False
