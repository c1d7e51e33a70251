"""drydock/proxy: nginx in front of others, with little to write to and little it may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from tests.images.reach import answer, port_of, status, told

pytestmark = pytest.mark.host

TAG = "drydock/proxy:1"
ON_LOOPBACK = {"80/tcp": ("127.0.0.1", None)}

#: What a container behind the proxy runs: it tells how many bytes it was sent.
COUNTS = """
from http.server import BaseHTTPRequestHandler, HTTPServer

class Count(BaseHTTPRequestHandler):
    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(len(sent)).encode())

HTTPServer(("", 8000), Count).serve_forever()
"""

SITE = "server {{ listen 80; client_max_body_size 8m; location / {{ proxy_pass http://{behind}:8000; }} }}\n"

#: A whole configuration that says nothing about where to write.
OF_ONES_OWN = b'events {}\nhttp { server { listen 80; location / { return 200 "mine\\n"; } } }\n'

#: As little as a container can have.
BARE: dict[str, Any] = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]}


def _log(container: Container, *, stdout: bool = True, stderr: bool = True) -> str:
    return container.logs(stdout=stdout, stderr=stderr).decode()


def test_it_serves_a_page_at_once(start: Callable[..., Container]) -> None:
    """Without a site of yours it answers with a page of its own."""
    code, page = answer(f"http://127.0.0.1:{port_of(start(TAG, ports=ON_LOOPBACK), 80)}/")
    assert (code, b"nginx" in page) == (200, True)


def test_it_passes_requests_on(network: str, volume: str, start: Callable[..., Container]) -> None:
    """A file in conf.d is all it takes; a big body has a place to wait, even on a root that may only be read."""
    behind = start("drydock/python:3.13", "python3", "-c", COUNTS, network=network, name=f"{network}-behind")
    site = {"/etc/nginx/conf.d/site.conf": SITE.format(behind=behind.name).encode()}
    folder = {volume: {"bind": "/etc/nginx/conf.d"}}
    proxy = start(TAG, ports=ON_LOOPBACK, network=network, volumes=folder, files=site, **BARE)
    url = f"http://127.0.0.1:{port_of(proxy, 80)}/"
    wait_for(lambda: answer(url, method="POST", data=b"x")[0] == 200, "what is behind the proxy", seconds=30)
    assert answer(url, method="POST", data=b"x" * 5_000_000) == (200, b"5000000")


def test_a_whole_configuration_works_too(start: Callable[..., Container]) -> None:
    """Whoever brings their own nginx.conf need not know where this image lets nginx write."""
    proxy = start(TAG, ports=ON_LOOPBACK, files={"/etc/nginx/nginx.conf": OF_ONES_OWN})
    assert answer(f"http://127.0.0.1:{port_of(proxy, 80)}/") == (200, b"mine\n")


def test_its_logs_are_the_containers(start: Callable[..., Container]) -> None:
    """Requests go to standard output, what went wrong to standard error."""
    proxy = start(TAG, ports=ON_LOOPBACK, **BARE)
    assert status(f"http://127.0.0.1:{port_of(proxy, 80)}/nowhere") == 404
    wait_for(lambda: '"GET /nowhere HTTP/1.1" 404' in _log(proxy, stderr=False), "the request", seconds=10)
    wait_for(lambda: "nowhere" in _log(proxy, stdout=False), "the complaint", seconds=10)


def test_it_is_not_root_and_stops_in_order(start: Callable[..., Container]) -> None:
    """nginx itself is the first process, belongs to www-data, and ends without complaint when told to."""
    proxy = start(TAG, ports=ON_LOOPBACK, **BARE)
    assert status(f"http://127.0.0.1:{port_of(proxy, 80)}/") == 200
    assert told(proxy, "stat", "-c", "%U", "/proc/1") == (0, "www-data\n")
    assert told(proxy, "cat", "/proc/1/comm") == (0, "nginx\n")
    proxy.stop(timeout=20)
    assert proxy.wait()["StatusCode"] == 0
    assert _log(proxy, stdout=False) == ""


def test_it_can_be_asked_from_inside(start: Callable[..., Container]) -> None:
    """A health check finds wget, which says by its exit code whether a page came."""
    proxy = start(TAG, ports=ON_LOOPBACK, **BARE)
    assert status(f"http://127.0.0.1:{port_of(proxy, 80)}/") == 200
    asks = ("wget", "-q", "-T", "2", "-O", "/dev/null")
    assert told(proxy, *asks, "http://127.0.0.1/") == (0, "")
    assert told(proxy, *asks, "http://127.0.0.1/nowhere")[0] == 1


def test_size(megabytes: Callable[[str], float]) -> None:
    """It adds 4 MB to Debian's 76."""
    assert megabytes(TAG) < 81
