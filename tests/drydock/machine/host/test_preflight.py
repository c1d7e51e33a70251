"""Is this ground a machine can stand on?"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.core import command
from drydock.errors import NoSpace, ToolsMissing, WrongPlatform
from drydock.machine.artifacts import resolve
from drydock.machine.host import preflight


@pytest.fixture
def toolless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A computer on whose PATH there is nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", ())


def test_this_ground_is_good() -> None:
    """Where the tests run, nothing stands in the way."""
    assert resolve.why_not() is None


def test_what_starting_needs_is_named(home: Path, toolless: None) -> None:
    """Without slirp4netns there is no starting, and the message says what to install."""
    with pytest.raises(ToolsMissing) as caught:
        preflight.check_start(home)
    assert caught.value.packages == ["slirp4netns"]


def test_what_building_needs_is_named_at_once(home: Path, toolless: None) -> None:
    """All missing packages are in one message, so that one line installs them."""
    with pytest.raises(ToolsMissing) as caught:
        preflight.check_build()
    assert caught.value.packages == ["e2fsprogs", "fakechroot", "fakeroot", "mmdebstrap", "slirp4netns"]
    assert "apt-get install -y e2fsprogs fakechroot fakeroot mmdebstrap slirp4netns" in caught.value.next


@pytest.mark.parametrize(("system", "architecture"), [("Darwin", "arm64"), ("Linux", "aarch64"), ("Linux", "i686")])
def test_other_computers(monkeypatch: pytest.MonkeyPatch, home: Path, system: str, architecture: str) -> None:
    """Where a machine can't be, the message names what this is and what to use instead."""
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: architecture)
    for check in (preflight.check_platform, preflight.check_build, lambda: preflight.check_start(home)):
        with pytest.raises(WrongPlatform, match=f"{system} on {architecture}") as caught:
            check()
        assert "install Docker here" in caught.value.next
    assert isinstance(resolve.why_not(), WrongPlatform)


def test_a_kernel_that_says_it_is_32_bit(home: Path) -> None:
    """On a system that really calls itself something else, no machine is begun."""
    code = "from drydock.machine import Machine; Machine('one').start()"
    done = subprocess.run(["setarch", "i686", sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "A machine can't run on Linux on i686." in done.stderr
    assert not list((home / "data" / "drydock").glob("machines/*"))


def test_too_little_room(home: Path) -> None:
    """How much is needed and how much there is: both are said, and how to use another disk."""
    with pytest.raises(NoSpace, match=r"MB are needed, \d+ MB are free") as caught:
        preflight.check_room(home, 1 << 60)
    assert "XDG_CACHE_HOME" in caught.value.next


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system that is really small: one of our own as root, a pod's /dev/shm otherwise."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", tmp_path], check=True)
        yield tmp_path
        subprocess.run(["umount", tmp_path], check=True)
        return
    shared = os.statvfs("/dev/shm")
    if shared.f_blocks * shared.f_frsize > preflight.START_BYTES:
        pytest.skip("no small file system is here, and only root may mount one")
    yield Path("/dev/shm")


def test_a_disk_that_is_really_small(small_disk: Path) -> None:
    """Neither building nor starting is begun on a disk of 64 MB."""
    with pytest.raises(NoSpace):
        preflight.check_start(small_disk)
    with pytest.raises(NoSpace):
        preflight.check_room(small_disk, preflight.BUILD_BYTES)
