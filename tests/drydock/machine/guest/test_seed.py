"""The seed: what the guest is told, and what it isn't."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from drydock.machine.guest import seed
from drydock.machine.store.settings import Settings


@pytest.fixture
def planted(tmp_path: Path) -> dict[str, bytes]:
    """The contents of a machine's seed; the host's half lies in ``tmp_path``."""
    settings = Settings("one", disk_gb=9, shares=("/srv/a b", "/home/student"))
    seed.plant(settings, tmp_path, tmp_path / "seed.tar")
    with tarfile.open(tmp_path / "seed.tar") as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]


def test_the_guest_learns_who_it_is(planted: dict[str, bytes]) -> None:
    """Name, size, shares, certificates and keys, and nothing more."""
    expected = {"settings", "shares", "ca.pem", "server.pem", "server-key.pem", "ssh_host_key", "authorized_keys"}
    assert set(planted) == expected
    assert planted["settings"] == b"NAME=one\nDISK_GROW=9G\nGUARDED=\n"
    assert planted["shares"] == b"/srv/a b\n/home/student\n"


def test_the_smallest_disk_does_not_grow(tmp_path: Path) -> None:
    """A disk of the base's own size is left as it is: growing would cost time at each boot."""
    seed.plant(Settings("one"), tmp_path, tmp_path / "seed.tar")
    with tarfile.open(tmp_path / "seed.tar") as archive:
        member = archive.extractfile("settings")
        assert member is not None
        assert b"DISK_GROW=\n" in member.read()


def test_the_guest_never_holds_the_clients_keys(planted: dict[str, bytes], tmp_path: Path) -> None:
    """Whoever is root in the guest can't get at the keys with which one comes in, nor mint others."""
    inside = b"".join(planted.values())
    for name in ("tls/key.pem", "ssh/id_ed25519"):
        lines = (tmp_path / name).read_bytes().splitlines()[2:-1]  # the first is much the same in every key
        assert lines
        assert not any(line in inside for line in lines)
    assert inside.count(b"PRIVATE KEY-----") == 4  # begin and end of the server's and of sshd's


def test_both_halves_are_private(planted: dict[str, bytes], tmp_path: Path) -> None:
    """Every file with a key is its owner's alone, in the seed and on the host."""
    with tarfile.open(tmp_path / "seed.tar") as archive:
        assert {entry.mode for entry in archive} == {0o600}
    private = [tmp_path / "seed.tar", tmp_path / "ssh" / "id_ed25519", *(tmp_path / "tls").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("ssh", "tls")} == {0o700}


def test_openssh_reads_the_keys(planted: dict[str, bytes], tmp_path: Path) -> None:
    """OpenSSH derives from the private key the very public key that the guest will let in."""
    words = ["ssh-keygen", "-y", "-f", str(tmp_path / "ssh" / "id_ed25519")]
    public = subprocess.run(words, capture_output=True, check=True).stdout
    assert public.split()[:2] == planted["authorized_keys"].split()[:2]
    known = (tmp_path / "ssh" / "known_hosts").read_text().split()
    assert known[:2] == ["one", "ssh-ed25519"]


def test_each_start_mints_anew(tmp_path: Path) -> None:
    """No key outlives the boot it was made for."""
    keys = set()
    for _ in range(2):
        seed.plant(Settings("one"), tmp_path, tmp_path / "seed.tar")
        keys.add((tmp_path / "tls" / "key.pem").read_bytes())
        keys.add((tmp_path / "ssh" / "id_ed25519").read_bytes())
    assert len(keys) == 4
