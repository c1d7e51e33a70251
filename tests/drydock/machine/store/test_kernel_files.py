"""The files of a kernel."""

from __future__ import annotations

from pathlib import Path

from drydock.machine.store.kernel_files import KernelFiles


def test_a_kernel_is_read_from_its_folder(tmp_path: Path) -> None:
    """Modules and seccomp depend on whether the folder has their files."""
    assert KernelFiles.at(tmp_path) == KernelFiles(tmp_path / "linux", None, seccomp=False)
    (tmp_path / "modules.img").touch()
    (tmp_path / "seccomp").touch()
    assert KernelFiles.at(tmp_path) == KernelFiles(tmp_path / "linux", tmp_path / "modules.img", seccomp=True)


def test_a_kernel_is_seen_elsewhere() -> None:
    """Each file that the kernel has is seen at its place; a kernel without modules stays without."""
    kernel = KernelFiles(Path("/k/linux"), Path("/k/modules.img"), seccomp=True)
    assert kernel.moved(lambda path: Path("/m") / path.name) == KernelFiles(
        Path("/m/linux"), Path("/m/modules.img"), seccomp=True
    )
    assert KernelFiles(Path("/k/linux"), None).moved(lambda path: path).modules is None
