"""A small archive of packages in a layer: every file is listed, and every list tells the truth."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.images import apt_repository
from drydock.images.apt import shelf
from drydock.images.layer_tar import Layer


@pytest.fixture(scope="module")
def debs() -> Iterator[list[Path]]:
    """Two small real packages; the file name of one has a code in it, for a colon in its version."""
    with shelf() as apt:
        yield [path for path in apt.fetch(["zlib1g", "jq"], b"") if path.name.startswith(("zlib1g_", "jq_"))]


@pytest.fixture
def files(debs: list[Path]) -> dict[str, bytes]:
    """What is in a layer that got them as an archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        apt_repository.write(Layer(tar, ""), debs)
    with tarfile.open(fileobj=io.BytesIO(buffer.getvalue())) as layer:
        opened = {member.name: layer.extractfile(member) for member in layer if member.isfile()}
        return {name: file.read() for name, file in opened.items() if file is not None}


def _fields(stanza: str) -> dict[str, str]:
    lines = [line for line in stanza.splitlines() if ": " in line and not line.startswith(" ")]
    return dict(line.split(": ", 1) for line in lines)


def test_each_package_is_there_as_it_came(files: dict[str, bytes], debs: list[Path]) -> None:
    """The list names every package, where it lies, how long it is and its hash."""
    stanzas = [_fields(stanza) for stanza in files["srv/apt/Packages"].decode().split("\n\n")]
    assert {stanza["Package"] for stanza in stanzas} == {"zlib1g", "jq"}
    for stanza in stanzas:
        data = files["srv/apt/" + stanza["Filename"].removeprefix("./")]
        assert data in [path.read_bytes() for path in debs]
        assert stanza["Size"] == str(len(data))
        assert stanza["SHA256"] == hashlib.sha256(data).hexdigest()


def test_no_name_has_a_code(files: dict[str, bytes]) -> None:
    """apt reads a percent sign in a name as the beginning of a code."""
    assert not [name for name in files if "%" in name]


def test_the_release_vouches_for_the_list(files: dict[str, bytes]) -> None:
    """apt compares the list with the hash in the release file."""
    packages = files["srv/apt/Packages"]
    line = f" {hashlib.sha256(packages).hexdigest()} {len(packages)} Packages"
    assert line in files["srv/apt/Release"].decode().splitlines()


def test_apt_is_sent_there_and_nowhere_else(files: dict[str, bytes]) -> None:
    """The image's list of sources is this folder."""
    assert files["etc/apt/sources.list"] == b"deb [trusted=yes] file:/srv/apt ./\n"
