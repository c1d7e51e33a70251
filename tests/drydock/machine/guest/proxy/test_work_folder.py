"""Folders are made inside of the work folder and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drydock.machine.guest.proxy.request_scope import WorkFolder
from drydock.machine.guest.proxy.work_folder import make


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A work folder with a file, a folder, and links to the outside."""
    work = tmp_path / "work"
    (work / "conf").mkdir(parents=True)
    (work / "file").write_text("as it was")
    (work / "out").symlink_to(tmp_path)
    (work / "inner").symlink_to("conf")
    os.mkfifo(work / "pipe")
    return work


@pytest.mark.parametrize("subpath", ["new", "conf/new", "a/b/c", "conf"])
def test_what_is_missing_is_made(work: Path, subpath: str) -> None:
    """Each folder on the way, as Docker does for binds; no descriptor stays open."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    make(WorkFolder("work-1", str(work)), subpath)
    assert (work / subpath).is_dir()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("subpath", ["out/new", "file/new", "inner/new", "pipe", "file", "../new", "out/work/new"])
def test_nothing_else_is(work: Path, subpath: str) -> None:
    """No link is followed, no file is replaced, and nothing is made outside. The daemon decides about the rest."""
    before = sorted(str(path) for path in work.parent.rglob("*") if "out" not in path.parts)
    make(WorkFolder("work-1", str(work)), subpath)
    after = sorted(str(path) for path in work.parent.rglob("*") if "out" not in path.parts)
    assert after == before
    assert (work / "file").read_text() == "as it was"


def test_a_work_folder_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    """Nothing is made, and the daemon reports it."""
    make(WorkFolder("work-1", str(tmp_path / "gone")), "a")
    assert list(tmp_path.iterdir()) == []
