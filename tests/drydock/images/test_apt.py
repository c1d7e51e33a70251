"""apt in a temporary folder: the packages that it downloads, and that nothing is left of it."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.errors import CommandFailed, ImagesNeedLinux
from drydock.images.apt import SUITE, AptRoot, temporary_apt
from drydock.images.deb_package import DebPackage


@pytest.fixture(scope="module")
def apt() -> Iterator[AptRoot]:
    """One apt root for all tests, because creating one downloads Debian's package lists."""
    with temporary_apt() as root:
        yield root


@pytest.mark.slow
def test_dependencies_are_downloaded(apt: AptRoot) -> None:
    """Where nothing is installed, a package's libraries are downloaded, too; the files are sorted by name."""
    names = [path.name.split("_")[0] for path in apt.fetch(["zlib1g"], b"")]
    assert names == sorted(names)
    assert {"zlib1g", "libc6"} <= set(names)


def test_installed_packages_are_not_downloaded(apt: AptRoot) -> None:
    """An image gets only the packages that its parent image lacks."""
    everything = [DebPackage(path) for path in apt.fetch(["zlib1g"], b"")]
    installed = "".join(
        deb.stanza.replace("\n", "\nStatus: install ok installed\n", 1) + "\n\n"
        for deb in everything
        if deb.name != "zlib1g"
    )
    assert [path.name.split("_")[0] for path in apt.fetch(["zlib1g"], installed.encode())] == ["zlib1g"]


def test_sources_are_of_the_release(apt: AptRoot) -> None:
    """An image with apt gets the sources.list that mmdebstrap wrote."""
    assert f" {SUITE} main" in apt.sources().decode()


def test_an_unknown_package_is_named(apt: AptRoot) -> None:
    """The error has apt's message with the name of the package that does not exist."""
    with pytest.raises(CommandFailed, match="no-such-package-anywhere"):
        apt.fetch(["no-such-package-anywhere"], b"")


@pytest.mark.slow
def test_the_folder_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary folder is removed at the end, also after an error."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError, match="in the middle"), temporary_apt():
        raise RuntimeError("in the middle")
    assert list(tmp_path.iterdir()) == []


def test_another_system_has_no_packages_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS the message names another way to the images, and not apt-get."""
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(ImagesNeedLinux, match="macOS") as caught:
        AptRoot(tmp_path)
    assert "docker load" in caught.value.next
    assert "apt-get" not in str(caught.value)
