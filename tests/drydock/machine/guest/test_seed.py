"""The seed archive: what the guest gets, and what stays on the host."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from drydock.machine.guest import seed
from drydock.machine.store.settings import Settings


@pytest.fixture
def contents(tmp_path: Path) -> dict[str, bytes]:
    """Create a machine's seed, with the host's part in ``tmp_path``; return the archive's files."""
    settings = Settings("one", disk_gb=9, shares=("/srv/a b", "/home/student"))
    return create(settings, tmp_path)


def create(settings: Settings, folder: Path) -> dict[str, bytes]:
    """Create a seed in a folder and return the archive's files by name."""
    seed.create(settings, folder, folder / "seed.tar")
    with tarfile.open(folder / "seed.tar") as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]


def test_the_archive_has_the_machines_own_data(contents: dict[str, bytes]) -> None:
    """The archive has name, disk size, shares, certificates and keys, and no other file."""
    expected = {"settings", "shares", "ca.pem", "server.pem", "server-key.pem", "ssh_host_key", "authorized_keys"}
    assert set(contents) == expected
    assert contents["settings"] == b"NAME=one\nDISK_GROW=9G\nCONFINED=\nGUARDED=\n"
    assert contents["shares"] == b"/srv/a b\n/home/student\n"


def test_a_confined_machine_is_marked_for_every_base_disk(tmp_path: Path) -> None:
    """A confined machine is marked under the present name and under the name that older base disks read."""
    lines = create(Settings("one", confined=True), tmp_path)["settings"].splitlines()
    assert {b"CONFINED=1", b"GUARDED=1"} < set(lines)


def test_the_smallest_disk_does_not_grow(tmp_path: Path) -> None:
    """A disk of the base's own size is not grown, because resize2fs would cost time at each boot."""
    assert b"DISK_GROW=\n" in create(Settings("one"), tmp_path)["settings"]


def test_the_guest_never_has_the_clients_keys(contents: dict[str, bytes], tmp_path: Path) -> None:
    """The archive has no client key and no authority's key, so root in the guest can't use or issue them."""
    archive = b"".join(contents.values())
    for name in ("tls/key.pem", "ssh/id_ed25519"):
        lines = (tmp_path / name).read_bytes().splitlines()[2:-1]  # the first line is much the same in every key
        assert lines
        assert not any(line in archive for line in lines)
    assert archive.count(b"PRIVATE KEY-----") == 4  # begin and end, of the server's key and of sshd's


def test_both_parts_are_private(contents: dict[str, bytes], tmp_path: Path) -> None:
    """Every file with a key is readable by its owner only, in the archive and on the host."""
    with tarfile.open(tmp_path / "seed.tar") as archive:
        assert {entry.mode for entry in archive} == {0o600}
    private = [tmp_path / "seed.tar", tmp_path / "ssh" / "id_ed25519", *(tmp_path / "tls").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("ssh", "tls")} == {0o700}


def test_openssh_reads_the_keys(contents: dict[str, bytes], tmp_path: Path) -> None:
    """OpenSSH derives, from the private key, the public key that the guest accepts."""
    argv = ["ssh-keygen", "-y", "-f", str(tmp_path / "ssh" / "id_ed25519")]
    public = subprocess.run(argv, capture_output=True, check=True).stdout
    assert public.split()[:2] == contents["authorized_keys"].split()[:2]
    known_host = (tmp_path / "ssh" / "known_hosts").read_text().split()
    assert known_host[:2] == ["one", "ssh-ed25519"]


def test_each_start_has_new_keys(tmp_path: Path) -> None:
    """Two seeds of the same machine have no key in common."""
    keys = set()
    for _ in range(2):
        create(Settings("one"), tmp_path)
        keys.add((tmp_path / "tls" / "key.pem").read_bytes())
        keys.add((tmp_path / "ssh" / "id_ed25519").read_bytes())
    assert len(keys) == 4
