"""The seed: a small tar archive, attached as the machine's second disk, with the data that only this machine has."""

from __future__ import annotations

import io
import shlex
import tarfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drydock.core.tar_member import add_bytes
from drydock.machine.guest import tls
from drydock.machine.store.settings import BASE_GB, Settings


def create(settings: Settings, folder: Path, file: Path) -> None:
    """Generate keys and certificates, write the host's part to ``folder`` and the guest's part to the archive ``file``.

    ``folder`` gets ``tls/`` (the Docker client's certificates) and ``ssh/`` (the user's key and ``known_hosts``).
    """
    certificates = tls.issue(settings.name)
    certificates.write_client(folder / "tls")
    user_key, host_key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (folder / "ssh").mkdir(mode=0o700, exist_ok=True)
    tls.write_private(folder / "ssh" / "id_ed25519", _private(user_key))
    (folder / "ssh" / "known_hosts").write_text(f"{settings.name} {_public(host_key)}\n")
    contents = {
        "settings": _shell_settings(settings).encode(),
        "shares": "".join(f"{share}\n" for share in settings.shares).encode(),
        "ca.pem": certificates.authority.certificate_pem(),
        "server.pem": certificates.server.certificate_pem(),
        "server-key.pem": certificates.server.key_pem(),
        "ssh_host_key": _private(host_key),
        "authorized_keys": f"{_public(user_key)}\n".encode(),
    }
    tls.write_private(file, _tar(contents))


def _shell_settings(settings: Settings) -> str:
    """Return the variables that the guest's boot script reads."""
    confined = "1" if settings.confined else ""
    variables = {
        "NAME": shlex.quote(settings.name),
        "DISK_GROW": f"{settings.disk_gb}G" if settings.disk_gb > BASE_GB else "",
        "CONFINED": confined,
        # An older base disk knows CONFINED by this name, and its boot script stops when the variable is unset.
        "GUARDED": confined,
    }
    return "".join(f"{name}={value}\n" for name, value in variables.items())


def _tar(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in contents.items():
            add_bytes(archive, name, data, mode=0o600)
    return buffer.getvalue()


def _private(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )


def _public(key: Ed25519PrivateKey) -> str:
    openssh = serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, openssh).decode()
