"""An apt of the release in a folder of its own: what it fetches, what it leaves out, and that it goes again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.errors import CommandFailed
from drydock.images.apt import SUITE, AptRoot, shelf
from drydock.images.deb_package import DebPackage


@pytest.fixture(scope="module")
def apt() -> Iterator[AptRoot]:
    """One shelf for all tests: setting one up asks Debian for its lists."""
    with shelf() as opened:
        yield opened


def test_a_package_comes_with_what_it_needs(apt: AptRoot) -> None:
    """Where nothing is installed, its libraries come too, sorted by name."""
    names = [path.name.split("_")[0] for path in apt.fetch(["zlib1g"], b"")]
    assert names == sorted(names)
    assert {"zlib1g", "libc6"} <= set(names)


def test_what_is_installed_stays_away(apt: AptRoot) -> None:
    """An image gets only what the image below lacks."""
    everything = [DebPackage(path) for path in apt.fetch(["zlib1g"], b"")]
    there = "".join(
        deb.stanza.replace("\n", "\nStatus: install ok installed\n", 1) + "\n\n"
        for deb in everything
        if deb.name != "zlib1g"
    )
    assert [path.name.split("_")[0] for path in apt.fetch(["zlib1g"], there.encode())] == ["zlib1g"]


def test_it_knows_the_releases_sources(apt: AptRoot) -> None:
    """An image with apt in it gets the list that mmdebstrap wrote."""
    assert f" {SUITE} main" in apt.sources().decode()


def test_an_unknown_package_is_told(apt: AptRoot) -> None:
    """apt's own words say which one it could not find."""
    with pytest.raises(CommandFailed, match="no-such-package-anywhere"):
        apt.fetch(["no-such-package-anywhere"], b"")


def test_nothing_of_it_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder goes when it is left, also by an error."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError, match="in the middle"), shelf():
        raise RuntimeError("in the middle")
    assert list(tmp_path.iterdir()) == []
