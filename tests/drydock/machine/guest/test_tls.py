"""Certificates that are good for one machine and nothing else."""

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
    """Those of a machine."""
    return tls.mint("one")


def server_side(certificates: Certificates, folder: Path) -> ssl.SSLContext:
    """A server as dockerd is one: only clients of its own authority come in."""
    (folder / "server.pem").write_bytes(certificates.server.certificate_pem() + certificates.server.key_pem())
    (folder / "authority.pem").write_bytes(certificates.authority.certificate_pem())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "authority.pem"))
    context.load_cert_chain(folder / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_side(certificates: Certificates, folder: Path, *, trusting: Certificates | None = None) -> ssl.SSLContext:
    """A client with a machine's files, trusting that machine's authority, or another's."""
    certificates.write_client(folder / "tls")
    (trusting or certificates).write_client(folder / "trusted")
    context = ssl.create_default_context(cafile=str(folder / "trusted" / "ca.pem"))
    context.load_cert_chain(folder / "tls" / "cert.pem", folder / "tls" / "key.pem")
    return context


def say_hello(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "127.0.0.1") -> bytes:
    """What a client hears from a server over a real connection."""

    def serve() -> None:
        try:
            with server.wrap_socket(theirs, server_side=True) as line:
                line.sendall(b"hello")
        except OSError:
            theirs.close()

    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with ours, client.wrap_socket(ours, server_hostname=name) as line:
            line.settimeout(10)
            return line.recv(16)
    finally:
        thread.join()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_machine_and_its_client_trust_each_other(tmp_path: Path, certificates: Certificates, name: str) -> None:
    """With the machine's own files a client comes in, by either name of loopback."""
    assert say_hello(server_side(certificates, tmp_path), client_side(certificates, tmp_path), name) == b"hello"


def test_the_client_knows_an_impostor(tmp_path: Path, certificates: Certificates) -> None:
    """A client refuses a server of another authority."""
    server = server_side(tls.mint("one"), tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        say_hello(server, client_side(certificates, tmp_path))


def test_the_certificate_is_for_loopback_only(tmp_path: Path, certificates: Certificates) -> None:
    """Under any other address the server is not believed."""
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        say_hello(server_side(certificates, tmp_path), client_side(certificates, tmp_path), "127.0.0.2")


def test_the_machine_refuses_a_stranger(tmp_path: Path, certificates: Certificates) -> None:
    """A client of another machine is turned away, though it trusts this one."""
    client = client_side(tls.mint("two"), tmp_path, trusting=certificates)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert say_hello(server_side(certificates, tmp_path), client) == b"hello"


def test_the_machine_refuses_whoever_shows_nothing(tmp_path: Path, certificates: Certificates) -> None:
    """Without a certificate nobody comes in."""
    client = ssl.create_default_context(cadata=certificates.authority.certificate_pem().decode())
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert say_hello(server_side(certificates, tmp_path), client) == b"hello"


def test_a_client_is_no_server(tmp_path: Path, certificates: Certificates) -> None:
    """The client's certificate, which lies on the host, can't be used to play the machine."""
    played = Certificates(certificates.authority, certificates.client, certificates.client)
    with pytest.raises(ssl.SSLCertVerificationError):
        say_hello(server_side(played, tmp_path), client_side(certificates, tmp_path))


@pytest.mark.parametrize(("pair", "purpose"), [("server", "sslserver"), ("client", "sslclient")])
def test_openssl_agrees(tmp_path: Path, certificates: Certificates, pair: str, purpose: str) -> None:
    """OpenSSL's strictest look finds the chain in order for its purpose."""
    (tmp_path / "ca").write_bytes(certificates.authority.certificate_pem())
    (tmp_path / "leaf").write_bytes(getattr(certificates, pair).certificate_pem())
    files = ["-CAfile", str(tmp_path / "ca"), str(tmp_path / "leaf")]
    words = ["openssl", "verify", "-x509_strict", "-purpose", purpose, *files]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_keys_are_private(tmp_path: Path, certificates: Certificates) -> None:
    """The client's files are their owner's alone, also where older ones lay open."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "key.pem").write_text("older")
    certificates.write_client(tmp_path / "tls")
    files = sorted((tmp_path / "tls").iterdir())
    assert [path.name for path in files] == ["ca.pem", "cert.pem", "key.pem"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
