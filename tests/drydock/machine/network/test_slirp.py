"""slirp4netns, as far as it can be tested without a kernel at its other end."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from drydock.core.paths import socket_folder
from drydock.errors import BootFailed, PortNotForwarded, PortTaken, ToolsMissing
from drydock.machine.network.slirp import GUEST, Protocol, Slirp, free_port
from tests.drydock.machine.network.web_server import needs_ipv6

_CPU = min(os.sched_getaffinity(0))


def install(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a slirp4netns of our own first on the PATH."""
    file = folder / "slirp4netns"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))  # without bundled programs
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_the_real_program_starts_and_stops() -> None:
    """The real slirp4netns opens its socket for the kernel, ends when it is stopped, and may be stopped twice."""

    async def main() -> None:
        folder = socket_folder("test")
        slirp = Slirp(folder)
        try:
            await slirp.start(_CPU)
            assert slirp.socket.is_socket()
            slirp.stop()
            assert await asyncio.wait_for(slirp.wait(), 10) == -9
            slirp.stop()
        finally:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()

    asyncio.run(main())


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where slirp4netns is missing, the error says which package to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # without bundled programs
    with pytest.raises(ToolsMissing, match="slirp4netns") as caught:
        asyncio.run(Slirp(tmp_path).start(_CPU))
    assert "apt-get install -y slirp4netns" in caught.value.next
    assert "drydock machine build --from" in caught.value.next


def test_an_immediate_exit_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When slirp4netns exits at once, the error has its output; the boot does not wait for it."""
    install("echo cannot do this here >&2; exit 3", tmp_path, monkeypatch)
    with pytest.raises(BootFailed, match="ended at once") as caught:
        asyncio.run(Slirp(tmp_path).start(_CPU))
    assert "cannot do this here" in caught.value.why


def test_endless_output_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All output is read, so that slirp4netns does not block on a full pipe, and only its end is kept."""
    script = 'for last; do :; done; touch "$last"; yes warning | head -c 3000000 >&2; echo the end >&2; exit 0'
    install(script, tmp_path, monkeypatch)

    async def main() -> None:
        slirp = Slirp(tmp_path)
        await slirp.start(_CPU)
        assert await asyncio.wait_for(slirp.wait(), 30) == 0
        assert len(slirp.last_output()) < 100_000

    asyncio.run(main())


def run_with_api(
    folder: Path, answer: dict[str, Any], scenario: Callable[[Slirp], Coroutine[Any, Any, None]]
) -> list[dict[str, Any]]:
    """Run a scenario with an API that always gives the same answer; return the requests."""
    requests: list[dict[str, Any]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(json.loads(await reader.read()))  # to the end, as slirp4netns reads it
        writer.write(json.dumps(answer).encode())
        writer.close()

    async def main() -> None:
        slirp = Slirp(folder)
        server = await asyncio.start_unix_server(serve, str(folder / "api"))
        await asyncio.wait_for(slirp.wait_ready(), 5)
        await scenario(slirp)
        server.close()
        await server.wait_closed()

    asyncio.run(main())
    return requests


def test_it_is_ready_once_the_api_listens(tmp_path: Path) -> None:
    """A socket that refuses connections is not ready: slirp4netns creates it a moment before it listens."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.write(b'{"return": {"entries": []}}')
        writer.close()

    async def main() -> None:
        ready = asyncio.ensure_future(Slirp(tmp_path).wait_ready())
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / "api"))
            await asyncio.wait([ready], timeout=0.1)
            assert not ready.done()
            async with await asyncio.start_unix_server(answer, sock=listener):
                await asyncio.wait_for(ready, 5)

    asyncio.run(main())


def test_a_forward_is_on_loopback_only(tmp_path: Path) -> None:
    """A forward leads from this computer's loopback address, and from no other, to the guest."""

    async def scenario(slirp: Slirp) -> None:
        assert await slirp.forward("udp", 5353, 53) == 7
        await slirp.remove_forward(7)

    arguments = {"proto": "udp", "host_addr": "127.0.0.1", "host_port": 5353, "guest_addr": GUEST, "guest_port": 53}
    assert run_with_api(tmp_path, {"return": {"id": 7}}, scenario) == [
        {"execute": "list_hostfwd", "arguments": {}},
        {"execute": "add_hostfwd", "arguments": arguments},
        {"execute": "remove_hostfwd", "arguments": {"id": 7}},
    ]


def test_a_refused_forward_is_a_port_in_use(tmp_path: Path) -> None:
    """When slirp4netns refuses a forward, the error names the port."""
    port = free_port()

    async def scenario(slirp: Slirp) -> None:
        with pytest.raises(PortTaken, match=f"{port}/tcp"):
            await slirp.forward("tcp", port, 80)

    run_with_api(tmp_path, {"error": {"desc": "bad request: add_hostfwd: slirp_add_hostfwd failed"}}, scenario)


def test_an_answer_that_is_none_leaves_the_port_free(tmp_path: Path) -> None:
    """After an answer without the forward's number, nothing listens on the port, so it can be forwarded later."""
    port = free_port()

    async def scenario(slirp: Slirp) -> None:
        with pytest.raises(KeyError):
            await slirp.forward("tcp", port, 80)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

    run_with_api(tmp_path, {}, scenario)


def test_a_tcp_port_has_a_listener_of_the_supervisor(tmp_path: Path) -> None:
    """The supervisor listens on a forwarded TCP port, and slirp4netns on another one that only the supervisor knows."""
    port = free_port()

    async def scenario(slirp: Slirp) -> None:
        assert await slirp.forward("tcp", port, 80, address="127.0.0.2") == 7
        (await asyncio.open_connection("127.0.0.2", port))[1].close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await slirp.remove_forward(7)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", port)

    _, added, removed = run_with_api(tmp_path, {"return": {"id": 7}}, scenario)
    assert added["arguments"]["host_addr"] == "127.0.0.1"
    assert added["arguments"]["host_port"] != port
    assert removed == {"execute": "remove_hostfwd", "arguments": {"id": 7}}


@needs_ipv6
def test_ipv6_leads_to_an_ipv4_address_of_the_guest(tmp_path: Path) -> None:
    """The supervisor listens on ::1; slirp4netns, which has IPv4 only, leads to the guest's address that is asked."""
    port = free_port(address="::1")

    async def scenario(slirp: Slirp) -> None:
        await slirp.forward("tcp", port, 80, address="::1", guest_address="127.0.6.1")
        (await asyncio.open_connection("::1", port))[1].close()
        await slirp.remove_forward(7)

    added = run_with_api(tmp_path, {"return": {"id": 7}}, scenario)[1]["arguments"]
    assert (added["host_addr"], added["guest_addr"], added["guest_port"]) == ("127.0.0.1", "127.0.6.1", 80)


def test_a_missing_address_is_no_port_in_use(tmp_path: Path) -> None:
    """The error for an address that this computer doesn't have names it, and one that can be used."""
    with pytest.raises(PortNotForwarded, match=r"no address 192\.0\.2\.1") as caught:
        asyncio.run(Slirp(tmp_path).forward("tcp", free_port(), 80, address="192.0.2.1"))
    assert "Publish it on 127.0.0.1" in caught.value.next


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_free_port_is_free(protocol: Protocol) -> None:
    """The port can be bound at the address that is asked for."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    for address in ("127.0.0.1", "127.0.0.2"):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind((address, free_port(protocol, address)))


def test_connections_do_not_wait_for_a_short_backlog(tmp_path: Path) -> None:
    """With a server that listens with a backlog of 1, 50 connections at once take no second, as repeated SYNs would."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        server.setblocking(False)
        port = server.getsockname()[1]

        async def main() -> float:
            slirp, loop = Slirp(tmp_path), asyncio.get_running_loop()

            async def accept() -> None:
                while True:  # a connection that was given up and tried again is accepted, too
                    await asyncio.sleep(0.002)
                    (await loop.sock_accept(server))[0].close()

            began = loop.time()
            accepting = asyncio.ensure_future(accept())
            for reader, writer in await asyncio.gather(*[slirp._connect(port) for _ in range(50)]):
                assert await reader.read() == b""
                writer.close()
                await writer.wait_closed()
            accepting.cancel()
            return loop.time() - began

        assert asyncio.run(main()) < 5  # the kernel's own pauses would be 1, 2 and 4 seconds
