"""The kernel's command line, and the folder for its memory file."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from drydock.core import resources
from drydock.errors import NoexecFolder, NoSpace
from drydock.machine.host import memory
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import cmdline


def command_line(settings: Settings, kernel: KernelFiles) -> list[str]:
    """Return the command line of a machine with its sockets in /s."""
    argv = cmdline.command(settings, kernel, "/m/own,/c/base/disk.img", Path("/s"), Path("/s/net"), 7)
    return [str(word) for word in argv]


def test_a_kernel_with_modules() -> None:
    """A kernel with modules gets them as a third, read-only disk, and no option about seccomp."""
    line = command_line(Settings("one", memory_mb=512), KernelFiles(Path("/k/linux"), Path("/k/modules.img")))
    assert line[line.index("/k/linux") - 3 :][:3] == [str(cmdline.TIMER_WORKAROUND), "10", "0.5"]
    assert {"mem=512M", "ubd0=/m/own,/c/base/disk.img", "ubd1r=/s/seed.tar", "ubd2r=/k/modules.img"} <= set(line)
    assert {"con=null", "con1=fd:7,fd:7", "uml_dir=/s"} <= set(line)
    assert "vec0:transport=bess,dst=/s/net,depth=128,gro=1,mtu=9000" in line
    assert not any(word.startswith("seccomp") for word in line)


def test_frames_are_as_large_as_those_of_containers() -> None:
    """A container's frame fits into one of the machine's network device."""
    line = command_line(Settings("one"), KernelFiles(Path("/k/linux"), None))
    daemon = json.loads((resources.package_data("drydock.machine.guest", "files") / "daemon.json").read_text())
    assert any(word.endswith(f",mtu={daemon['mtu']}") for word in line)
    assert daemon["default-network-opts"]["bridge"] == {"com.docker.network.driver.mtu": str(daemon["mtu"])}


@pytest.mark.parametrize(("trusted", "option"), [(True, "seccomp=on"), (False, "seccomp=off")])
def test_seccomp_needs_trust(trusted: bool, option: str) -> None:
    """A kernel with seccomp support uses seccomp only if the machine's processes are trusted."""
    line = command_line(Settings("one", trusted=trusted), KernelFiles(Path("/k/linux"), None, seccomp=True))
    assert option in line
    assert not any(word.startswith("ubd2") for word in line)


def test_memory_is_in_tmpdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If TMPDIR is set, the memory file is created there."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert cmdline.memory_folder(1, Path("/nowhere")) == tmp_path


def test_a_tmpdir_that_can_not_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TMPDIR that was removed, as after a job of a batch system, is ignored, as Python ignores it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "removed"))
    assert cmdline.memory_folder(1, tmp_path) in (Path("/dev/shm"), tmp_path)


def test_a_relative_tmpdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel gets the full path, because its working folder is another one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", ".")
    assert cmdline.memory_folder(1, Path("/nowhere")) == tmp_path


def test_too_little_disk_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine is refused if the disk has no space for its memory, because it would crash later."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(NoSpace, match="Not enough disk space in"):
        cmdline.memory_folder(1 << 30, tmp_path)


def test_a_small_dev_shm_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If /dev/shm is too small (64 MB in a pod), the memory file is in the instance folder."""
    monkeypatch.delenv("TMPDIR", raising=False)
    real = os.statvfs

    def small(path: Path) -> object:
        stat = real(path)
        if path != Path("/dev/shm"):
            return stat
        return SimpleNamespace(f_flag=0, f_bavail=64 << 8, f_frsize=4096)

    monkeypatch.setattr(os, "statvfs", small)
    assert cmdline.memory_folder(512, tmp_path) == tmp_path


def test_with_little_memory_a_disk_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If little memory is available, the memory file is on a disk, from which the system can reclaim memory."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(memory, "available", lambda: memory.AvailableMemory(255, "Set by this test."))
    assert cmdline.memory_folder(256, tmp_path) == tmp_path


@pytest.fixture
def noexec(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system that is mounted noexec, in which this user may create files."""
    for line in Path("/proc/mounts").read_text().splitlines():
        folder = Path(line.split()[1])
        with suppress(OSError):
            if os.statvfs(folder).f_flag & os.ST_NOEXEC and folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
                yield folder
                return
    if os.geteuid() != 0:
        pytest.skip("no file system for this user's files is mounted noexec here, and only root may mount one")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec", "none", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_noexec_folder_is_refused(noexec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder mounted noexec is refused, because the kernel executes code from its memory file."""
    monkeypatch.setenv("TMPDIR", str(noexec))
    with pytest.raises(NoexecFolder, match="mounted noexec") as caught:
        cmdline.memory_folder(1, Path("/nowhere"))
    assert "Unset TMPDIR" in caught.value.next
