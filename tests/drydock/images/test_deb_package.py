"""Reading Debian packages: what a package says of itself, its files with their owners, and what is no package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.errors import BadPackage
from drydock.images.apt import shelf
from drydock.images.deb_package import DebPackage


@pytest.fixture(scope="module")
def package() -> Iterator[Path]:
    """A small real package, with a library that several architectures may have side by side among what it needs."""
    with shelf() as apt:
        yield next(path for path in apt.fetch(["zlib1g"], b"") if path.name.startswith("zlib1g_"))


def test_it_says_what_it_is(package: Path) -> None:
    """Its name, the name dpkg keeps its files under, and its control files."""
    deb = DebPackage(package)
    assert deb.name == "zlib1g"
    assert deb.entry == "zlib1g:amd64"
    assert "md5sums" in deb.control
    assert deb.stanza.startswith("Package: zlib1g\n")


def test_its_files_are_roots(package: Path) -> None:
    """Owners are as its maintainers meant them, though an ordinary user reads it."""
    with DebPackage(package).files() as files:
        members = files.getmembers()
    assert {(member.uid, member.gid) for member in members} == {(0, 0)}
    assert any(member.name.endswith("/libz.so.1") and member.issym() for member in members)


@pytest.mark.parametrize("spoiled", [b"", b"PK\x03\x04 a zip", b"!<arch>\ncut short"])
def test_what_is_no_package_is_refused(spoiled: bytes, tmp_path: Path) -> None:
    """A file of another kind, or the beginning of a package, is told from a package."""
    file = tmp_path / "spoiled.deb"
    file.write_bytes(spoiled)
    with pytest.raises(BadPackage, match=r"spoiled\.deb"):
        DebPackage(file)


def test_a_package_cut_short_is_refused(package: Path, tmp_path: Path) -> None:
    """A download that broke off is noticed before anything is taken from it."""
    file = tmp_path / "half.deb"
    file.write_bytes(package.read_bytes()[: package.stat().st_size // 2])
    with pytest.raises(BadPackage, match=r"half\.deb"):
        DebPackage(file)
