"""TLS certificates of one machine: its own certificate authority, a server and a client; new ones at each start."""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: The guest uses the host's clock. Certificates start a day early, in case the host's clock is set back later.
_BACKDATE = datetime.timedelta(days=1)
_VALIDITY = datetime.timedelta(days=825)


@dataclass(frozen=True)
class KeyPair:
    """A private key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def key_pem(self) -> bytes:
        """Return the private key as unencrypted PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def certificate_pem(self) -> bytes:
        """Return the certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Certificates:
    """The three key pairs of a machine."""

    authority: KeyPair
    server: KeyPair
    client: KeyPair

    def write_client(self, folder: Path) -> None:
        """Write ``ca.pem``, ``cert.pem`` and ``key.pem`` to ``folder`` (mode 0600), as ``DOCKER_CERT_PATH`` expects."""
        folder.mkdir(mode=0o700, exist_ok=True)
        files = {
            "ca.pem": self.authority.certificate_pem(),
            "cert.pem": self.client.certificate_pem(),
            "key.pem": self.client.key_pem(),
        }
        for name, data in files.items():
            write_private(folder / name, data)


def issue(machine: str) -> Certificates:
    """Issue new certificates for the machine of that name; the server's is valid for loopback addresses only."""
    authority = _key_pair(f"drydock machine {machine}", None)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return Certificates(
        authority,
        _key_pair("server", authority, ExtendedKeyUsageOID.SERVER_AUTH, names),
        _key_pair("client", authority, ExtendedKeyUsageOID.CLIENT_AUTH),
    )


def write_private(file: Path, data: bytes) -> None:
    """Write a file that no other user can read, not even while it is being written."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(data)


def _key_pair(
    name: str,
    issuer: KeyPair | None,
    usage: x509.ObjectIdentifier | None = None,
    names: list[x509.GeneralName] | None = None,
) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + _VALIDITY)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is not None:
        parent = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(parent, critical=False)
    else:
        builder = builder.add_extension(_CA_USAGE, critical=True)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return KeyPair(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


#: Newer TLS libraries refuse a certificate authority without this key usage.
_CA_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
