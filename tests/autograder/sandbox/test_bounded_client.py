"""The client whose answers have a limit of bytes and a deadline."""

from __future__ import annotations

import socketserver
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
import requests
from docker import DockerClient

from autograder.errors import TooLarge
from autograder.sandbox.bounded_client import bounded
from drydock.core.endpoint import Endpoint
from drydock.machine.guest import tls
from tests.autograder.conftest import serving


def pour(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that answers without end."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        line.wfile.write(b'"x",' * 65536)


def test_an_endless_answer_of_the_daemon_is_refused() -> None:
    """The daemon is the submission's; it must not fill the grader's memory."""
    with serving(pour) as port:
        client = bounded(DockerClient(base_url=f"tcp://127.0.0.1:{port}", version="1.41"))
        with closing(client), pytest.raises(TooLarge, match="16 MB"):
            client.containers.list(sparse=True)


def stop_answering(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that ends in the middle of an answer."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[")


def fall_silent(line: socketserver.StreamRequestHandler) -> None:
    """A daemon that sends no more than the beginning of an answer."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[")
    line.rfile.read()


@pytest.mark.parametrize(
    ("daemon", "error"), [(stop_answering, requests.ConnectionError), (fall_silent, requests.ReadTimeout)]
)
def test_half_an_answer_is_an_error_of_the_connection(
    daemon: Callable[[socketserver.StreamRequestHandler], None], error: type[Exception]
) -> None:
    """Grading knows these errors: the daemon is asked again, and if it is gone, the submission has crashed."""
    with serving(daemon) as port:
        client = bounded(DockerClient(base_url=f"tcp://127.0.0.1:{port}", version="1.41", timeout=1))
        with closing(client), pytest.raises(error):
            client.containers.list(sparse=True)


@pytest.mark.host
def test_an_ordinary_answer_is_read(host: Endpoint) -> None:
    """The limit changes nothing for an honest daemon."""
    with closing(bounded(host.client())) as client:
        assert client.ping()
        assert client.version()["ApiVersion"]


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_LENGTH = b"Content-Length: 100000\r\n\r\n"


@contextmanager
def over_tls(folder: Path, answer: Callable[[ssl.SSLSocket], None]) -> Iterator[DockerClient]:
    """A client, over TLS, of a daemon that answers each request like this."""
    certificates = tls.issue("lying")
    certificates.write_client(folder)
    server = certificates.server
    (folder / "server.pem").write_bytes(server.key_pem() + server.certificate_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")

    def serve(line: socketserver.StreamRequestHandler) -> None:
        with context.wrap_socket(line.request, server_side=True) as connection:
            connection.recv(65536)
            answer(connection)

    with serving(serve) as port:
        endpoint = Endpoint(f"tcp://127.0.0.1:{port}", folder)
        with closing(bounded(endpoint._client(0.5, "1.41"), rest=0.5)) as client:
            yield client


def dripping(folder: Path, begin: bytes) -> AbstractContextManager[DockerClient]:
    """A client of a daemon that answers with this and then with a byte every now and then, without end."""

    def drip(connection: ssl.SSLSocket) -> None:
        connection.sendall(begin)
        while True:
            connection.sendall(b" ")
            time.sleep(0.05)  # a byte is always in time

    return over_tls(folder, drip)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("begin", [b"HTTP/1.1 ", _HEAD, _HEAD + _LENGTH], ids=["line", "headers", "body"])
def test_an_answer_that_drips_ends_at_the_deadline(tmp_path: Path, begin: bytes) -> None:
    """Each read is in time and the answer has no end: it is given up, as silence is."""
    with dripping(tmp_path, begin) as client, pytest.raises(requests.ReadTimeout):
        client.containers.list(sparse=True)


@pytest.mark.timeout(30)
def test_a_stream_that_drips_ends_at_the_deadline(tmp_path: Path) -> None:
    """Files and images come as streams, for which docker-py sets no timeout; the deadline is for these, too."""
    with dripping(tmp_path, _HEAD + _LENGTH) as client, pytest.raises(requests.ConnectionError):
        b"".join(client.api.get_image("drydock/debian:13"))


#: Requests of each kind that docker-py sends: a body that is read whole, one that is sent, and a stream.
_REQUESTS: dict[str, Callable[[DockerClient], object]] = {
    "GET": lambda client: client.containers.list(sparse=True),
    "POST": lambda client: client.volumes.create("work"),
    "DELETE": lambda client: client.api.remove_container("kernel"),
    "stream": lambda client: b"".join(client.api.get_image("drydock/debian:13")),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", _REQUESTS)
@pytest.mark.parametrize("body", [b"Content-Length: 0\r\n\r\n", _LENGTH], ids=["empty", "unfinished"])
def test_no_redirect_is_followed(kind: str, body: bytes, tmp_path: Path) -> None:
    """A daemon that redirects gets no request to a port of this computer, and none of its answer's body is read."""
    visits: list[bytes] = []
    with serving(lambda line: visits.append(line.rfile.readline())) as port:
        head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{port}/login\r\n".encode()

        def redirect(connection: ssl.SSLSocket) -> None:
            connection.sendall(head + body)
            connection.recv(65536)  # what the request sends is read before the end of the connection, which resets it

        with over_tls(tmp_path, redirect) as client, pytest.raises(requests.TooManyRedirects, match="with a redirect"):
            _REQUESTS[kind](client)
    assert visits == []
