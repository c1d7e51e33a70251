"""The seed: a small tar attached as the machine's second disk, telling the guest who it is."""

from __future__ import annotations

import io
import shlex
import tarfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drydock.machine.guest import tls
from drydock.machine.store.settings import BASE_GB, Settings


def plant(settings: Settings, folder: Path, file: Path) -> None:
    """Mint keys and certificates, keep the host's half in ``folder`` and write the guest's half to ``file``."""
    certificates = tls.mint(settings.name)
    certificates.write_client(folder / "tls")
    user, host = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (folder / "ssh").mkdir(mode=0o700, exist_ok=True)
    tls.write_private(folder / "ssh" / "id_ed25519", _private(user))
    (folder / "ssh" / "known_hosts").write_text(f"{settings.name} {_public(host)}\n")
    grow = f"{settings.disk_gb}G" if settings.disk_gb > BASE_GB else ""
    guarded = "1" if settings.confined else ""
    contents = {
        "settings": f"NAME={shlex.quote(settings.name)}\nDISK_GROW={grow}\nGUARDED={guarded}\n".encode(),
        "shares": "".join(f"{share}\n" for share in settings.shares).encode(),
        "ca.pem": certificates.authority.certificate_pem(),
        "server.pem": certificates.server.certificate_pem(),
        "server-key.pem": certificates.server.key_pem(),
        "ssh_host_key": _private(host),
        "authorized_keys": f"{_public(user)}\n".encode(),
    }
    tls.write_private(file, _tar(contents))


def _tar(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in contents.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _private(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )


def _public(key: Ed25519PrivateKey) -> str:
    openssh = serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, openssh).decode()
