"""A machine's certificates work for that machine and for no other."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from drydock.machine.guest import tls
from drydock.machine.guest.tls import Certificates


@pytest.fixture
def certificates() -> Certificates:
    """Issue the certificates of one machine."""
    return tls.issue("one")


def server_context(certificates: Certificates, folder: Path) -> ssl.SSLContext:
    """Return a server's TLS context like dockerd's: it accepts only clients of its own authority."""
    (folder / "server.pem").write_bytes(certificates.server.certificate_pem() + certificates.server.key_pem())
    (folder / "authority.pem").write_bytes(certificates.authority.certificate_pem())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "authority.pem"))
    context.load_cert_chain(folder / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(certificates: Certificates, folder: Path, *, trusted: Certificates | None = None) -> ssl.SSLContext:
    """Return the context of a client with a machine's files; it trusts that machine's authority, or ``trusted``'s."""
    certificates.write_client(folder / "tls")
    (trusted or certificates).write_client(folder / "trusted")
    context = ssl.create_default_context(cafile=str(folder / "trusted" / "ca.pem"))
    context.load_cert_chain(folder / "tls" / "cert.pem", folder / "tls" / "key.pem")
    return context


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "127.0.0.1") -> bytes:
    """Connect a client to a server over a real connection; return what the client receives."""

    def serve() -> None:
        try:
            with server.wrap_socket(server_end, server_side=True) as connection:
                connection.sendall(b"hello")
        except OSError:
            server_end.close()

    client_end, server_end = socket.socketpair()
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client_end, client.wrap_socket(client_end, server_hostname=name) as connection:
            connection.settimeout(10)
            return connection.recv(16)
    finally:
        thread.join()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_machine_and_its_client_trust_each_other(tmp_path: Path, certificates: Certificates, name: str) -> None:
    """With the machine's own files a client connects, by either name of the loopback address."""
    server, client = server_context(certificates, tmp_path), client_context(certificates, tmp_path)
    assert handshake(server, client, name) == b"hello"


def test_the_client_refuses_another_authority(tmp_path: Path, certificates: Certificates) -> None:
    """A client refuses a server whose certificate another authority has signed."""
    server = server_context(tls.issue("one"), tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, client_context(certificates, tmp_path))


def test_the_certificate_is_for_loopback_only(tmp_path: Path, certificates: Certificates) -> None:
    """A client refuses the server's certificate under any other address."""
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(server_context(certificates, tmp_path), client_context(certificates, tmp_path), "127.0.0.2")


def test_the_machine_refuses_another_machines_client(tmp_path: Path, certificates: Certificates) -> None:
    """The server refuses another machine's client, even if that client trusts this server."""
    client = client_context(tls.issue("two"), tmp_path, trusted=certificates)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert handshake(server_context(certificates, tmp_path), client) == b"hello"


def test_the_machine_refuses_a_client_without_certificate(tmp_path: Path, certificates: Certificates) -> None:
    """The server refuses a client that presents no certificate."""
    client = ssl.create_default_context(cadata=certificates.authority.certificate_pem().decode())
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert handshake(server_context(certificates, tmp_path), client) == b"hello"


def test_a_client_certificate_is_not_valid_for_a_server(tmp_path: Path, certificates: Certificates) -> None:
    """The client's certificate, which lies on the host, can't be used to impersonate the machine."""
    impostor = Certificates(certificates.authority, certificates.client, certificates.client)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server_context(impostor, tmp_path), client_context(certificates, tmp_path))


@pytest.mark.parametrize(("pair", "purpose"), [("server", "sslserver"), ("client", "sslclient")])
def test_openssl_accepts_the_chain(tmp_path: Path, certificates: Certificates, pair: str, purpose: str) -> None:
    """OpenSSL's strictest check accepts each certificate chain for its purpose."""
    (tmp_path / "ca").write_bytes(certificates.authority.certificate_pem())
    (tmp_path / "leaf").write_bytes(getattr(certificates, pair).certificate_pem())
    files = ["-CAfile", str(tmp_path / "ca"), str(tmp_path / "leaf")]
    argv = ["openssl", "verify", "-x509_strict", "-purpose", purpose, *files]
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_keys_are_private(tmp_path: Path, certificates: Certificates) -> None:
    """The client's files are readable by their owner only, also where an older file was readable by all."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "key.pem").write_text("older")
    certificates.write_client(tmp_path / "tls")
    files = sorted((tmp_path / "tls").iterdir())
    assert [path.name for path in files] == ["ca.pem", "cert.pem", "key.pem"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
