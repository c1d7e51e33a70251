"""A layer has the files that dpkg would have unpacked, written without root."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from drydock.errors import BadPackage
from drydock.images.deb_package import DebPackage
from drydock.images.layer_tar import Layer

CONFIGURATION = b"a = 1\n"
SLIM = "path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\n"

CONTROL = {
    "control": b"Package: tiny\nVersion: 1\nArchitecture: amd64\nMulti-Arch: same\nDescription: a package\n",
    "conffiles": b"/etc/tiny.conf\n",
    "preinst": b"#!/bin/sh\n",
    "triggers": b"interest-noawait /usr/lib/tiny\ninterest tiny-changed\n",
}

#: Name, mode, group, content (None for a folder).
FILES: list[tuple[str, int, int, bytes | None]] = [
    ("./", 0o755, 0, None),
    ("./bin/", 0o755, 0, None),
    ("./bin/tiny", 0o2755, 42, b"program"),
    ("./etc/tiny.conf", 0o644, 0, CONFIGURATION),
    ("./usr/share/doc/tiny/", 0o755, 0, None),
    ("./usr/share/doc/tiny/copyright", 0o644, 0, b"free"),
    ("./usr/share/doc/tiny/README", 0o644, 0, b"long"),
]


def _tar(entries: list[tuple[str, int, int, bytes | None]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as tar:
        for name, mode, group, data in entries:
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.gid = tarfile.DIRTYPE if data is None else tarfile.REGTYPE, mode, group
            info.size = len(data or b"")
            tar.addfile(info, io.BytesIO(data or b""))
    return buffer.getvalue()


@pytest.fixture
def deb(tmp_path: Path) -> DebPackage:
    """A tiny package, made from CONTROL and FILES."""
    control = _tar([(f"./{name}", 0o644, 0, data) for name, data in CONTROL.items()])
    path = tmp_path / "tiny_1_amd64.deb"
    with path.open("wb") as file:
        file.write(b"!<arch>\n")
        for name, part in (("debian-binary", b"2.0\n"), ("control.tar.xz", control), ("data.tar.xz", _tar(FILES))):
            file.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(part):<10}`\n".encode() + part)
            file.write(b"\n" * (len(part) % 2))
    return DebPackage(path)


def _layer(deb: DebPackage, *, database: bool) -> tuple[dict[str, tarfile.TarInfo], dict[str, str], str]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        status = Layer(tar, SLIM).add_packages([deb], database=database)
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as tar:
        texts = {m.name: file.read().decode() for m in tar if (file := tar.extractfile(m)) is not None}
        return {member.name: member for member in tar.getmembers()}, texts, status


def test_owners_and_modes_are_kept(deb: DebPackage) -> None:
    """A setgid program of the group shadow keeps its mode and group, and is in /usr/bin, to which /bin is a link."""
    members, _, _ = _layer(deb, database=False)
    program = members["usr/bin/tiny"]
    assert (program.mode, program.uid, program.gid) == (0o2755, 0, 42)
    assert "bin/tiny" not in members


def test_excluded_files(deb: DebPackage) -> None:
    """Documentation is excluded, licences are included, and their folder is readable for all users."""
    members, _, _ = _layer(deb, database=False)
    assert "usr/share/doc/tiny/README" not in members
    assert "usr/share/doc/tiny/copyright" in members
    assert members["usr/share/doc/tiny"].mode == 0o755


def test_the_database_lists_the_package_as_unpacked(deb: DebPackage) -> None:
    """The layer has what dpkg writes while unpacking: state, files, configuration files, triggers."""
    _, texts, status = _layer(deb, database=True)
    unpacked = texts["var/lib/dpkg/unpacked.d/status"]
    assert "Status: install ok unpacked" in unpacked
    assert f"Conffiles:\n /etc/tiny.conf {hashlib.md5(CONFIGURATION).hexdigest()}" in unpacked
    assert texts["var/lib/dpkg/info/tiny:amd64.list"].startswith("/.\n/bin\n/bin/tiny\n")
    assert texts["var/lib/dpkg/unpacked.d/preinst"] == "tiny:amd64\n"
    assert texts["var/lib/dpkg/unpacked.d/triggers/File"] == "/usr/lib/tiny tiny/noawait\n"
    assert texts["var/lib/dpkg/unpacked.d/triggers/tiny-changed"] == "tiny\n"
    assert status == unpacked.replace("unpacked", "installed")


def test_without_dpkg_there_is_no_database(deb: DebPackage) -> None:
    """A layer for an image without dpkg has no files of dpkg."""
    members, _, _ = _layer(deb, database=False)
    assert not [name for name in members if name.startswith("var")]


def test_a_bad_download_is_named(tmp_path: Path) -> None:
    """The error names a downloaded file that is not a package."""
    path = tmp_path / "half_1_amd64.deb"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(BadPackage, match=r"half_1_amd64\.deb"):
        DebPackage(path)
