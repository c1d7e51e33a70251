"""Folders in a tar stream: holes, modes and links are kept, and changes are detected."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from drydock.core.tar_member import add_bytes
from drydock.machine.artifacts import sparse_archive
from drydock.machine.artifacts.sparse_archive import INDEX, ArchiveDamaged, Extraction, Index

_HOLE = 4 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sparse file, a file that is one hole, an empty file, a program and a link."""
    folder = tmp_path / "original"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "program").write_bytes(b"#!/bin/sh\n")
    (folder / "bin" / "program").chmod(0o755)
    (folder / "bin" / "link").symlink_to("program")
    (folder / "empty").touch()
    (folder / "left-out").write_text("not in the archive")
    for name, data in (("disk", b"data"), ("hole", b"")):
        with (folder / name).open("wb") as file:
            file.write(data)
            file.truncate(_HOLE)
    return folder


def _written(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w|") as archive:
        sparse_archive.write(archive, {"base": folder}, left_out="left-out")
    return buffer.getvalue()


def _extract(data: bytes, target: Path) -> None:
    target.mkdir()
    extraction, index = Extraction(target), Index()
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None
            if member.name == INDEX:
                index = json.loads(content.read())
            else:
                extraction.add(member, content)
    extraction.finish(index)


def test_an_extracted_folder_is_like_the_original(folder: Path, tmp_path: Path) -> None:
    """Content, sizes, modes and links are kept, and the file that is left out is missing."""
    _extract(_written(folder), tmp_path / "copy")
    copy = tmp_path / "copy" / "base"
    names = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    assert {str(path.relative_to(copy)) for path in copy.rglob("*")} == names - {"left-out"}
    for name in ("disk", "hole", "empty", "bin/program"):
        assert (copy / name).read_bytes() == (folder / name).read_bytes()
    assert os.access(copy / "bin" / "program", os.X_OK)
    assert (copy / "bin" / "link").readlink() == Path("program")


def test_holes_take_no_space(folder: Path, tmp_path: Path) -> None:
    """Holes are neither in the archive nor on the disk after extraction."""
    data = _written(folder)
    assert len(data) < _HOLE
    _extract(data, tmp_path / "copy")
    assert (tmp_path / "copy" / "base" / "hole").stat().st_blocks == 0


def test_a_changed_file_is_damage(folder: Path, tmp_path: Path) -> None:
    """A file whose content does not match the index is named."""
    with pytest.raises(ArchiveDamaged, match="base/bin/program does not match"):
        _extract(_written(folder).replace(b"#!/bin/sh", b"#!/bin/zz"), tmp_path / "copy")


@pytest.mark.parametrize("name", ["../evil@0", "/tmp/../evil@0", "evil"])
def test_a_bad_name_is_refused(name: str, tmp_path: Path) -> None:
    """A name outside the target folder, or without an offset, is an error, and no file is written there."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w|") as archive:
        add_bytes(archive, name, b"evil")
    with pytest.raises(ValueError, match="is not a valid name"):
        _extract(buffer.getvalue(), tmp_path / "copy")
    assert not (tmp_path / "evil").exists()


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    """A second name of a link's path can neither truncate the file to which the link leads nor change its mode."""
    (tmp_path / "mine").write_text("content")
    (tmp_path / "copy").mkdir()
    empty = {"size": 0, "mode": 0o777, "sha256": hashlib.sha256().hexdigest()}
    with pytest.raises(ArchiveDamaged, match="leads out"):
        Extraction(tmp_path / "copy").finish({"a": {"link": str(tmp_path / "mine")}, "./a": empty})
    assert (tmp_path / "mine").read_text() == "content"


def test_a_link_outside_the_folder_is_damage(tmp_path: Path) -> None:
    """A name in the index that leads out of the target folder is refused, too."""
    with pytest.raises(ArchiveDamaged, match="leads out"):
        Extraction(tmp_path).finish({"../evil": {"link": "/etc/passwd"}})
