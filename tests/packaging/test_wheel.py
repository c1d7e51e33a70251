"""The wheel: everything that a run needs is in it, and from it alone everything works."""

from __future__ import annotations

import email.parser
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files
from tests.packaging.installed import build


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout."""
    return build("wheel", tmp_path_factory.mktemp("wheel"))


def place_in_wheel(name: str) -> str | None:
    """Where a file of the repository is in the wheel; None if it does not belong there."""
    top = name.partition("/")[0]
    if top in ("course", "assignments", "nbgrader_config.py"):
        return f"drydock/data/{name}"
    return name if top in ("drydock", "autograder") else None


def test_the_wheel_has_every_file(wheel: Path) -> None:
    """All files of the packages and the course are in it, programs can be run, and nothing else is there."""
    wanted = {place: path for path in files() if (place := place_in_wheel(path.relative_to(ROOT).as_posix()))}
    with zipfile.ZipFile(wheel) as archive:
        entries = {info.filename: info for info in archive.infolist() if ".dist-info/" not in info.filename}
        assert entries.keys() == wanted.keys()
        assert all(archive.read(place) == path.read_bytes() for place, path in wanted.items())
    programs = {place for place, path in wanted.items() if os.access(path, os.X_OK)}
    assert {place for place, info in entries.items() if info.external_attr >> 16 & 0o111} == programs


def test_its_metadata(wheel: Path) -> None:
    """The distribution is called drydock-course, and the commands are named as in the course."""
    with zipfile.ZipFile(wheel) as archive:
        texts = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if "dist-info" in name}
    metadata = email.parser.Parser().parsestr(texts["METADATA"])
    assert metadata["Name"] == "drydock-course"
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert {"cluster", "postgres"} == set(metadata.get_all("Provides-Extra", []))
    assert texts["entry_points.txt"].split() == [
        "[console_scripts]", "autograder", "=", "autograder.cli:main", "drydock", "=", "drydock.cli:main",
    ]  # fmt: skip


def test_a_source_distribution_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """A wheel that is built from the source distribution has the same files."""
    with tarfile.open(build("sdist", tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path)
    [unpacked] = tmp_path.glob("drydock_course-*")
    again = build("wheel", tmp_path / "wheel", unpacked)
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert {info.filename: info.CRC for info in first.infolist()} == {
            info.filename: info.CRC for info in second.infolist()
        }
