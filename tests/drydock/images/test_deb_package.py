"""Reading Debian packages: control data, files with their owners, and files that are not packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.errors import BadPackage
from drydock.images.apt import temporary_apt
from drydock.images.deb_package import DebPackage


@pytest.fixture(scope="module")
def package() -> Iterator[Path]:
    """A small real package, whose library can be installed for several architectures (Multi-Arch: same)."""
    with temporary_apt() as apt:
        yield next(path for path in apt.fetch(["zlib1g"], b"") if path.name.startswith("zlib1g_"))


@pytest.mark.slow
def test_control_data(package: Path) -> None:
    """A package has its name, its name in dpkg's database, and its control files."""
    deb = DebPackage(package)
    assert deb.name == "zlib1g"
    assert deb.entry == "zlib1g:amd64"
    assert "md5sums" in deb.control
    assert deb.stanza.startswith("Package: zlib1g\n")


def test_files_keep_their_owner(package: Path) -> None:
    """The files belong to root, as in the package, even when an ordinary user reads it."""
    with DebPackage(package).files() as files:
        members = files.getmembers()
    assert {(member.uid, member.gid) for member in members} == {(0, 0)}
    assert any(member.name.endswith("/libz.so.1") and member.issym() for member in members)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"!<arch>\ncut short"])
def test_a_file_of_another_format_is_refused(content: bytes, tmp_path: Path) -> None:
    """A file of another format, or only the beginning of a package, raises an error with its name."""
    file = tmp_path / "spoiled.deb"
    file.write_bytes(content)
    with pytest.raises(BadPackage, match=r"spoiled\.deb"):
        DebPackage(file)


def test_a_truncated_package_is_refused(package: Path, tmp_path: Path) -> None:
    """An incomplete download raises an error before any of its files is used."""
    file = tmp_path / "half.deb"
    file.write_bytes(package.read_bytes()[: package.stat().st_size // 2])
    with pytest.raises(BadPackage, match=r"half\.deb"):
        DebPackage(file)
