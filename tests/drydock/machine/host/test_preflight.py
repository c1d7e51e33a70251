"""The checks of this computer before a machine is started or built."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.core import command
from drydock.errors import FileUnusable, NoexecCache, NoSpace, PtraceForbidden, ToolsMissing, WrongPlatform
from drydock.machine.artifacts import resolve
from drydock.machine.host import preflight, system_calls


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let PATH and the administrator's folders have no program."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", ())


def test_a_machine_can_run_here() -> None:
    """On the computer of the tests, no check fails."""
    assert resolve.unavailable_reason() is None


def test_a_missing_program_for_starting_is_named(user_folders: Path, no_programs: None) -> None:
    """Without slirp4netns a machine can't be started, and the error names its package."""
    with pytest.raises(ToolsMissing) as caught:
        preflight.check_start(user_folders)
    assert caught.value.packages == ["slirp4netns"]


def test_all_missing_programs_for_building_are_named(user_folders: Path, no_programs: None) -> None:
    """One error names all missing packages, so that one command installs them."""
    with pytest.raises(ToolsMissing) as caught:
        preflight.check_build()
    assert caught.value.packages == ["e2fsprogs", "fakechroot", "fakeroot", "mmdebstrap", "slirp4netns"]
    assert "apt-get install -y e2fsprogs fakechroot fakeroot mmdebstrap slirp4netns" in caught.value.next


@pytest.mark.parametrize(("system", "architecture"), [("Darwin", "arm64"), ("Linux", "aarch64"), ("Linux", "i686")])
def test_other_platforms(monkeypatch: pytest.MonkeyPatch, user_folders: Path, system: str, architecture: str) -> None:
    """Where a machine can't run, the error names the platform and what to use instead."""
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: architecture)
    for check in (preflight.check_platform, preflight.check_build, lambda: preflight.check_start(user_folders)):
        with pytest.raises(WrongPlatform, match=f"{system} on {architecture}") as caught:
            check()
        assert "Install Docker" in caught.value.next
    assert isinstance(resolve.unavailable_reason(), WrongPlatform)


def test_a_kernel_that_reports_32_bit(user_folders: Path) -> None:
    """Under ``setarch i686``, starting fails with the platform's error and creates no file."""
    script = "from drydock.machine import Machine; Machine('one').start()"
    argv = ["setarch", "i686", sys.executable, "-c", script]
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "machine can't run on Linux on i686." in result.stderr
    assert not list((user_folders / "data" / "drydock").glob("machines/*"))


def test_too_little_disk_space(user_folders: Path) -> None:
    """The error has the space needed, the space available, and how to use another disk."""
    with pytest.raises(NoSpace, match=r"MB are needed, \d+ MB are free") as caught:
        preflight.check_disk_space(user_folders, 1 << 60)
    assert "XDG_CACHE_HOME" in caught.value.next


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a really small file system: a tmpfs mounted by root, or else a pod's /dev/shm."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", tmp_path], check=True)
        yield tmp_path
        subprocess.run(["umount", tmp_path], check=True)
        return
    shared = os.statvfs("/dev/shm")
    if shared.f_blocks * shared.f_frsize > preflight.START_BYTES:
        pytest.skip("there is no small file system here, and only root may mount one")
    yield Path("/dev/shm")


def test_a_disk_that_is_really_small(small_disk: Path) -> None:
    """Neither starting nor building passes the check on a file system of 64 MB."""
    with pytest.raises(NoSpace):
        preflight.check_start(small_disk)
    with pytest.raises(NoSpace):
        preflight.check_disk_space(small_disk, preflight.BUILD_BYTES)


def test_a_cache_without_programs(tmp_path: Path) -> None:
    """A cache folder on a file system mounted noexec is named: a kernel there is a program."""
    preflight.check_programs(tmp_path)
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system noexec")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,noexec", "none", tmp_path], check=True)
    try:
        with pytest.raises(NoexecCache, match=f"Programs in {tmp_path} can't be executed"):
            preflight.check_programs(tmp_path)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_folders_that_can_not_be_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder in which nothing can be created is named, with the variables for other folders."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    [error] = resolve.obstacles()
    assert isinstance(error, FileUnusable)
    assert str(tmp_path / "file") in error.what
    assert "XDG_CACHE_HOME" in error.next


def test_each_obstacle_is_named(user_folders: Path, no_programs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing programs do not hide that ptrace is forbidden."""
    monkeypatch.setattr(system_calls, "forbidden", lambda: {"ptrace": "Operation not permitted"})
    kinds = {type(error) for error in resolve.obstacles()}
    assert {ToolsMissing, PtraceForbidden} <= kinds


def test_a_kernel_with_seccomp_needs_no_ptrace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled kernel runs without ptrace, unless seccomp filters are forbidden as well."""
    monkeypatch.setattr(system_calls, "forbidden", lambda: {"ptrace": "not permitted"})
    preflight.check_system_calls(seccomp=True)
    with pytest.raises(PtraceForbidden):
        preflight.check_system_calls(seccomp=False)
    monkeypatch.setattr(system_calls, "forbidden", lambda: {"ptrace": "not permitted", "seccomp": "no filters"})
    with pytest.raises(PtraceForbidden, match="no filters"):
        preflight.check_system_calls(seccomp=True)
