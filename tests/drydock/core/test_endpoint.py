"""The address of a daemon, as docker-py and the docker CLI use it."""

from __future__ import annotations

import json
import os
import re
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docker
import pytest
import requests
from docker.errors import APIError, DockerException

from drydock.core.endpoint import Endpoint
from drydock.errors import DockerConfigDamaged
from drydock.machine.guest.tls import issue
from tests.drydock.conftest import answering


class Daemon(BaseHTTPRequestHandler):
    """The two requests of a daemon that a client needs to connect: version and ping."""

    def do_GET(self) -> None:
        """Answer."""
        version = {"ApiVersion": "1.41", "Version": "20.10.24", "MinAPIVersion": "1.12"}
        body = json.dumps(version).encode() if self.path.endswith("/version") else b"OK"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def tls_endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    """The endpoint of a server that answers only clients with the right certificate."""
    certificates = issue("test")
    certificates.write_client(tmp_path / "client")
    chain = tmp_path / "server.pem"
    chain.write_bytes(certificates.server.key_pem() + certificates.server.certificate_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    context.load_verify_locations(tmp_path / "client" / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with ThreadingHTTPServer(("127.0.0.1", 0), Daemon) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Endpoint(f"tcp://127.0.0.1:{server.server_port}", tmp_path / "client")
        server.shutdown()
        thread.join()


def ping_from_env(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Ping the daemon as a student's notebook does, with nothing but the variables."""
    for name, value in endpoint.environment().items():
        monkeypatch.setenv(name, value)
    client = docker.from_env()
    try:
        return client.ping()
    finally:
        client.close()


def test_socket_needs_one_variable() -> None:
    """An endpoint without TLS sets DOCKER_HOST only."""
    assert Endpoint("unix:///run/some.sock").environment() == {"DOCKER_HOST": "unix:///run/some.sock"}


def test_client_connects_with_tls(tls_endpoint: Endpoint) -> None:
    """A client sends its certificate and accepts the daemon's, which the machine's own authority signed."""
    client = tls_endpoint.client()
    try:
        assert client.ping()
    finally:
        client.close()


def test_docker_py_connects_with_the_variables(tls_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """`docker.from_env()` connects to the daemon with the endpoint's variables alone."""
    assert ping_from_env(tls_endpoint, monkeypatch)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE"])
def test_client_ignores_proxy_and_authorities(
    tls_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    """A proxy or certificate authorities that a campus configures for the Internet do not break the connection."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(issue("campus").authority.certificate_pem())
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(bundle) if variable == "REQUESTS_CA_BUNDLE" else "http://127.0.0.1:9")
    client = tls_endpoint.client()
    try:
        assert client.ping()
    finally:
        client.close()
    assert ping_from_env(tls_endpoint, monkeypatch)


def test_missing_bundle_is_ignored(tls_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A variable that names the bundle of a removed machine does not break the connection to another."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "removed" / "bundle.pem"))
    assert ping_from_env(tls_endpoint, monkeypatch)


def test_own_bundle_is_updated(tls_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that inherited our bundle trusts a restarted machine's new authority, and the campus's as before."""
    campus = issue("campus").authority.certificate_pem()
    (tmp_path / "campus.pem").write_bytes(campus)
    assert tls_endpoint.certificates is not None
    authority = tls_endpoint.certificates / "ca.pem"
    current = authority.read_bytes()
    authority.write_bytes(issue("before").authority.certificate_pem())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "campus.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls_endpoint.environment()["REQUESTS_CA_BUNDLE"])
    authority.write_bytes(current)
    assert ping_from_env(tls_endpoint, monkeypatch)
    bundle = Path(tls_endpoint.environment()["REQUESTS_CA_BUNDLE"]).read_bytes()
    assert bundle == campus.rstrip() + b"\n" + current


def test_a_folder_of_authorities_is_kept(
    tls_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All certificates of the folder that a campus configures come before the daemon's own, each once."""
    campus = issue("campus").authority.certificate_pem()
    folder = tmp_path / "authorities"
    folder.mkdir()
    (folder / "campus.pem").write_bytes(campus)
    (folder / "5ed36f99.0").symlink_to("campus.pem")
    (folder / "README").write_text("certificates of the campus")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    assert tls_endpoint.certificates is not None
    own = (tls_endpoint.certificates / "ca.pem").read_bytes()
    assert Path(tls_endpoint.environment()["REQUESTS_CA_BUNDLE"]).read_bytes() == campus.rstrip() + b"\n" + own


def test_a_folder_of_certificates_that_cannot_be_written_stays_as_it_is(
    tls_endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The bundle is in the cache, such as for certificates that an administrator has mounted."""
    (tmp_path / "campus.pem").write_bytes(issue("campus").authority.certificate_pem())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "campus.pem"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda path, mode: path != tls_endpoint.certificates)
    assert Path(tls_endpoint.environment()["REQUESTS_CA_BUNDLE"]).parent == tmp_path / "cache" / "drydock"
    assert tls_endpoint.certificates is not None
    assert not (tls_endpoint.certificates / "bundle.pem").exists()
    assert ping_from_env(tls_endpoint, monkeypatch)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("", "127.0.0.1"),
        ("unix:///var/run/docker.sock", "127.0.0.1"),
        ("npipe:////./pipe/docker_engine", "127.0.0.1"),
        ("tcp://192.0.2.7:2376", "192.0.2.7"),
        ("ssh://ada@lab.example:22", "lab.example"),
    ],
)
def test_published_ports_are_on_the_daemon_s_host(address: str, host: str) -> None:
    """A daemon that is reached through a socket is on this computer, one by ssh on the host in its address."""
    assert Endpoint(address).port_host == host


def test_other_certificates_are_refused(tls_endpoint: Endpoint, tmp_path: Path) -> None:
    """A client with another machine's certificates gets no connection."""
    issue("other").write_client(tmp_path / "other")
    with pytest.raises((DockerException, OSError)):
        Endpoint(tls_endpoint.host, tmp_path / "other").client()


@pytest.mark.host
def test_client_connects_to_a_local_socket(host: Endpoint) -> None:
    """An endpoint with a Unix socket connects to this computer's daemon."""
    client = host.client()
    try:
        assert client.ping()
    finally:
        client.close()


@pytest.mark.parametrize("text", ["[]", "null", '{"auths": 3}', '{"auths": {"x": {"auth": ""}}}', '{"proxies": 7}'])
def test_damaged_settings_of_docker_have_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The message names the file that docker-py's readers failed at."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(DockerConfigDamaged, match=re.escape(f"in {tmp_path / 'config.json'} can't be used")):
        Endpoint("unix:///nowhere.sock").client()


@pytest.mark.parametrize(
    ("exceptions", "added"),
    [
        (None, "127.0.0.1,localhost"),
        ("campus.example", "campus.example,127.0.0.1,localhost"),
        ("*", None),
        ("campus.example, 127.0.0.1", None),
        ("*,campus.example", "*,campus.example,127.0.0.1,localhost"),
    ],
)
def test_a_proxy_is_not_for_the_loopback_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, exceptions: str | None, added: str | None
) -> None:
    """Python's clients bypass it there, and an exception for all addresses stays one, which it is for Python alone."""
    for name in ("NO_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    if exceptions is not None:
        monkeypatch.setenv("NO_PROXY", exceptions)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    variables = Endpoint("tcp://127.0.0.1:2376", tmp_path).environment()
    assert variables.get("NO_PROXY") == variables.get("no_proxy") == added
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert requests.utils.should_bypass_proxies("https://127.0.0.1:2376", None)


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (200, b"{}", DockerException, "no version of Docker's API"),
        (200, b"[]", DockerException, "no version of Docker's API"),
        (200, b'{"ApiVersion": [1]}', DockerException, "no version of Docker's API"),
        (200, b"[" * 100_000, DockerException, "no version of Docker's API"),
        (200, b"x" * (2 << 20), DockerException, "no version of Docker's API"),
        (500, b'{"message": "it is broken"}', APIError, "it is broken"),
        (500, b"[]", APIError, "500 Server Error"),
    ],
)
def test_another_server_is_no_daemon(status: int, body: bytes, kind: type[Exception], reason: str) -> None:
    """Whatever it answers, in whatever length, is an error of docker-py's with the answer's beginning."""
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with answering(head + body) as address, pytest.raises(kind) as caught:
        Endpoint(address).client(timeout=5)
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 1000
