"""drydock/proxy: nginx as a reverse proxy, with a read-only root and without capabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from docker.models.containers import Container

from drydock.core.waiting import wait_for
from tests.images.reach import answer, execute, port_of, status

pytestmark = pytest.mark.host

TAG = "drydock/proxy:1"
ON_LOOPBACK = {"80/tcp": ("127.0.0.1", None)}

#: A server behind the proxy: it answers with the number of bytes that it received.
COUNTER = """
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

#: A complete configuration that sets no paths.
OWN_CONFIGURATION = b'events {}\nhttp { server { listen 80; location / { return 200 "mine\\n"; } } }\n'

#: Options that leave a container few privileges.
BARE: dict[str, Any] = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]}


def _log(container: Container, *, stdout: bool = True, stderr: bool = True) -> str:
    return container.logs(stdout=stdout, stderr=stderr).decode()


def test_the_default_page(start: Callable[..., Container]) -> None:
    """Without a site in conf.d, nginx serves its welcome page."""
    code, page = answer(f"http://127.0.0.1:{port_of(start(TAG, ports=ON_LOOPBACK), 80)}/")
    assert (code, b"nginx" in page) == (200, True)


def test_requests_are_forwarded(network: str, volume: str, start: Callable[..., Container]) -> None:
    """A file in conf.d makes it a reverse proxy; it buffers a large request body even with a read-only root."""
    backend = start("drydock/python:3.13", "python3", "-c", COUNTER, network=network, name=f"{network}-behind")
    site = {"/etc/nginx/conf.d/site.conf": SITE.format(behind=backend.name).encode()}
    folder = {volume: {"bind": "/etc/nginx/conf.d"}}
    proxy = start(TAG, ports=ON_LOOPBACK, network=network, volumes=folder, files=site, **BARE)
    url = f"http://127.0.0.1:{port_of(proxy, 80)}/"
    wait_for(lambda: answer(url, method="POST", data=b"x")[0] == 200, "the server behind the proxy", seconds=60)
    assert answer(url, method="POST", data=b"x" * 5_000_000) == (200, b"5000000")


def test_a_complete_configuration(start: Callable[..., Container]) -> None:
    """An nginx.conf of one's own need not set the paths to which nginx can write in this image."""
    proxy = start(TAG, ports=ON_LOOPBACK, files={"/etc/nginx/nginx.conf": OWN_CONFIGURATION})
    assert answer(f"http://127.0.0.1:{port_of(proxy, 80)}/") == (200, b"mine\n")


def test_logs_are_the_containers_output(start: Callable[..., Container]) -> None:
    """The access log goes to standard output, the error log to standard error."""
    proxy = start(TAG, ports=ON_LOOPBACK, **BARE)
    assert status(f"http://127.0.0.1:{port_of(proxy, 80)}/nowhere") == 404
    wait_for(lambda: '"GET /nowhere HTTP/1.1" 404' in _log(proxy, stderr=False), "the request", seconds=60)
    wait_for(lambda: "nowhere" in _log(proxy, stdout=False), "the error", seconds=60)


def test_docker_stop_shuts_it_down(start: Callable[..., Container]) -> None:
    """nginx is process 1, runs as www-data, and exits without an error on `docker stop`."""
    proxy = start(TAG, ports=ON_LOOPBACK, **BARE)
    assert status(f"http://127.0.0.1:{port_of(proxy, 80)}/") == 200
    assert execute(proxy, "stat", "-c", "%U", "/proc/1") == (0, "www-data\n")
    assert execute(proxy, "cat", "/proc/1/comm") == (0, "nginx\n")
    proxy.stop(timeout=20)
    assert proxy.wait()["StatusCode"] == 0
    assert _log(proxy, stdout=False) == ""


def test_wget_for_health_checks(start: Callable[..., Container]) -> None:
    """A health check can use wget, whose exit code is 0 if the server sent a page."""
    proxy = start(TAG, ports=ON_LOOPBACK, **BARE)
    assert status(f"http://127.0.0.1:{port_of(proxy, 80)}/") == 200
    wget = ("wget", "-q", "-T", "2", "-O", "/dev/null")
    assert execute(proxy, *wget, "http://127.0.0.1/") == (0, "")
    assert execute(proxy, *wget, "http://127.0.0.1/nowhere")[0] == 1


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image adds 4 MB to Debian's 76."""
    assert megabytes(TAG) < 81
