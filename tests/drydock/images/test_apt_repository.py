"""An apt repository in a layer: its index files list every package with the right size and hash."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.images import apt_repository
from drydock.images.apt import temporary_apt
from drydock.images.layer_tar import Layer


@pytest.fixture(scope="module")
def debs() -> Iterator[list[Path]]:
    """Two small real packages; the file name of one has %3a in it, for a colon in its version."""
    with temporary_apt() as apt:
        yield [path for path in apt.fetch(["zlib1g", "jq"], b"") if path.name.startswith(("zlib1g_", "jq_"))]


@pytest.fixture
def files(debs: list[Path]) -> dict[str, bytes]:
    """The files of a layer with a repository of the two packages, by name."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        apt_repository.write(Layer(tar, ""), debs)
    with tarfile.open(fileobj=io.BytesIO(buffer.getvalue())) as layer:
        opened = {member.name: layer.extractfile(member) for member in layer if member.isfile()}
        return {name: file.read() for name, file in opened.items() if file is not None}


def _fields(stanza: str) -> dict[str, str]:
    lines = [line for line in stanza.splitlines() if ": " in line and not line.startswith(" ")]
    return dict(line.split(": ", 1) for line in lines)


@pytest.mark.slow
def test_packages_are_unchanged_and_listed(files: dict[str, bytes], debs: list[Path]) -> None:
    """``Packages`` lists every package with its path, size and hash, and the files are as they were downloaded."""
    stanzas = [_fields(stanza) for stanza in files["srv/apt/Packages"].decode().split("\n\n")]
    assert {stanza["Package"] for stanza in stanzas} == {"zlib1g", "jq"}
    for stanza in stanzas:
        data = files["srv/apt/" + stanza["Filename"].removeprefix("./")]
        assert data in [path.read_bytes() for path in debs]
        assert stanza["Size"] == str(len(data))
        assert stanza["SHA256"] == hashlib.sha256(data).hexdigest()


def test_no_file_name_has_a_percent_sign(files: dict[str, bytes]) -> None:
    """apt would decode a percent sign in a file name."""
    assert not [name for name in files if "%" in name]


def test_release_has_the_hash_of_packages(files: dict[str, bytes]) -> None:
    """apt compares ``Packages`` with the hash in ``Release``."""
    packages = files["srv/apt/Packages"]
    line = f" {hashlib.sha256(packages).hexdigest()} {len(packages)} Packages"
    assert line in files["srv/apt/Release"].decode().splitlines()


def test_the_repository_is_the_only_source(files: dict[str, bytes]) -> None:
    """The image's sources.list has this folder alone."""
    assert files["etc/apt/sources.list"] == b"deb [trusted=yes] file:/srv/apt ./\n"
