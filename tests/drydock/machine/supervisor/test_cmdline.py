"""The kernel's command line, and where its memory may live."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from drydock.errors import NoexecFolder, NoSpace
from drydock.machine.host import memory
from drydock.machine.store.kernel_files import KernelFiles
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import cmdline


def words(settings: Settings, kernel: KernelFiles) -> list[str]:
    """The command line of a machine with its sockets in /s."""
    made = cmdline.command(settings, kernel, "/m/own,/c/base/disk.img", Path("/s"), Path("/s/net"), 7)
    return [str(word) for word in made]


def test_debians_kernel_brings_modules() -> None:
    """A kernel with modules gets them as a third, read-only disk, and is not told of seccomp."""
    line = words(Settings("one", memory_mb=512), KernelFiles(Path("/k/linux"), Path("/k/modules.img")))
    assert line[line.index("/k/linux") - 3 :][:3] == [str(cmdline.PULSE), "10", "0.5"]
    assert {"mem=512M", "ubd0=/m/own,/c/base/disk.img", "ubd1r=/s/seed.tar", "ubd2r=/k/modules.img"} <= set(line)
    assert {"con=null", "con1=fd:7,fd:7", "uml_dir=/s", "vec0:transport=bess,dst=/s/net,depth=128,gro=1"} <= set(line)
    assert not any(word.startswith("seccomp") for word in line)


@pytest.mark.parametrize(("trusted", "said"), [(True, "seccomp=on"), (False, "seccomp=off")])
def test_seccomp_is_for_the_trusted(trusted: bool, said: str) -> None:
    """A kernel that can use seccomp uses it for those one trusts, and only for them."""
    line = words(Settings("one", trusted=trusted), KernelFiles(Path("/k/linux"), None, seccomp=True))
    assert said in line
    assert not any(word.startswith("ubd2") for word in line)


def test_memory_lies_where_tmpdir_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's TMPDIR is obeyed."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert cmdline.memory_folder(1, Path("/nowhere")) == tmp_path


def test_too_little_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that the disk can't hold would end the machine in the midst of its work: refused before."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(NoSpace, match="Not enough disk space in"):
        cmdline.memory_folder(1 << 30, tmp_path)


def test_a_small_dev_shm_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pod /dev/shm has 64 MB: then the machine's own folder takes its memory."""
    monkeypatch.delenv("TMPDIR", raising=False)
    real = os.statvfs

    def small(path: Path) -> object:
        facts = real(path)
        if path != Path("/dev/shm"):
            return facts
        return SimpleNamespace(f_flag=0, f_bavail=64 << 8, f_frsize=4096)

    monkeypatch.setattr(os, "statvfs", small)
    assert cmdline.memory_folder(512, tmp_path) == tmp_path


def test_with_little_memory_left_a_disk_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in /dev/shm stays in memory; from a disk the system can take it back."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(memory, "available", lambda: memory.AvailableMemory(255, "Set by this test."))
    assert cmdline.memory_folder(256, tmp_path) == tmp_path


@pytest.fixture
def noexec(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system that is really mounted noexec."""
    for line in Path("/proc/mounts").read_text().splitlines():
        folder = Path(line.split()[1])
        with suppress(OSError):
            if os.statvfs(folder).f_flag & os.ST_NOEXEC and folder.is_dir():
                yield folder
                return
    if os.geteuid() != 0:
        pytest.skip("no file system is mounted noexec here, and only root may mount one")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec", "none", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_noexec_folder_is_refused(noexec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel executes from its memory, so a folder mounted noexec is refused with the way out."""
    monkeypatch.setenv("TMPDIR", str(noexec))
    with pytest.raises(NoexecFolder, match="mounted noexec") as caught:
        cmdline.memory_folder(1, Path("/nowhere"))
    assert "Unset TMPDIR" in caught.value.next
