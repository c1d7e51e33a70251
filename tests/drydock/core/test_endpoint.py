"""An engine is an address that the real docker-py and the real CLI understand."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from drydock.core.endpoint import Endpoint
from drydock.machine.guest.tls import mint


class Daemon(BaseHTTPRequestHandler):
    """As much of a daemon as an address needs: it says its version, and OK to a ping."""

    def do_GET(self) -> None:
        """Answer."""
        version = {"ApiVersion": "1.41", "Version": "20.10.24", "MinAPIVersion": "1.12"}
        body = json.dumps(version).encode() if self.path.endswith("/version") else b"OK"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def behind_tls(tmp_path: Path) -> Iterator[Endpoint]:
    """The address of something that answers only those who hold the right certificate."""
    certificates = mint("test")
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
    """Ping as a student's notebook does, with nothing but the variables."""
    for name, value in endpoint.environment().items():
        monkeypatch.setenv(name, value)
    client = docker.from_env()
    try:
        return client.ping()
    finally:
        client.close()


def test_a_socket_needs_one_variable() -> None:
    """Without TLS the address is all there is to say."""
    assert Endpoint("unix:///run/some.sock").environment() == {"DOCKER_HOST": "unix:///run/some.sock"}


def test_a_client_talks_through_tls(behind_tls: Endpoint) -> None:
    """The client shows its certificate and accepts the daemon's, which an authority of its own has signed."""
    client = behind_tls.client()
    try:
        assert client.ping()
    finally:
        client.close()


def test_the_variables_are_enough_for_docker_py(behind_tls: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `docker.from_env()` reads leads to the same daemon, with the same certificates."""
    assert ping_from_env(behind_tls, monkeypatch)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE"])
def test_a_client_ignores_what_is_about_the_outside_world(
    behind_tls: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    """A proxy or a bundle of authorities, as a lab or a campus sets them, does not come between us and the daemon."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(mint("campus").authority.certificate_pem())
    monkeypatch.setenv(variable, str(bundle) if variable == "REQUESTS_CA_BUNDLE" else "http://127.0.0.1:9")
    client = behind_tls.client()
    try:
        assert client.ping()
    finally:
        client.close()
    assert ping_from_env(behind_tls, monkeypatch)


def test_a_bundle_that_is_gone_costs_nothing(
    behind_tls: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A shell that still names the bundle of a machine since removed can use another one all the same."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "removed" / "bundle.pem"))
    assert ping_from_env(behind_tls, monkeypatch)


def test_a_bundle_of_ours_keeps_up(behind_tls: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who inherited a bundle of ours trusts a machine that was started again, and the campus as before."""
    campus = mint("campus").authority.certificate_pem()
    (tmp_path / "campus.pem").write_bytes(campus)
    assert behind_tls.certificates is not None
    now = behind_tls.certificates / "ca.pem"
    kept = now.read_bytes()
    now.write_bytes(mint("before").authority.certificate_pem())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "campus.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", behind_tls.environment()["REQUESTS_CA_BUNDLE"])
    now.write_bytes(kept)
    assert ping_from_env(behind_tls, monkeypatch)
    bundle = Path(behind_tls.environment()["REQUESTS_CA_BUNDLE"]).read_bytes()
    assert bundle == campus.rstrip() + b"\n" + kept


def test_strangers_are_refused(behind_tls: Endpoint, tmp_path: Path) -> None:
    """Without the certificates of that very machine, nobody gets an answer."""
    mint("other").write_client(tmp_path / "stranger")
    with pytest.raises((DockerException, OSError)):
        Endpoint(behind_tls.host, tmp_path / "stranger").client()


@pytest.mark.host
def test_a_local_socket_answers(host: Endpoint) -> None:
    """The same value leads to the daemon of this computer."""
    client = host.client()
    try:
        assert client.ping()
    finally:
        client.close()
