"""A kernel's folder."""

from __future__ import annotations

from pathlib import Path

from drydock.machine.store.kernel_files import Kernel


def test_a_kernel_is_what_its_folder_holds(tmp_path: Path) -> None:
    """Modules and seccomp are there when their files are."""
    assert Kernel.at(tmp_path) == Kernel(tmp_path / "linux", None, seccomp=False)
    (tmp_path / "modules.img").touch()
    (tmp_path / "seccomp").touch()
    assert Kernel.at(tmp_path) == Kernel(tmp_path / "linux", tmp_path / "modules.img", seccomp=True)
