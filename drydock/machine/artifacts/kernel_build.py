"""The fast kernel: compiled from Debian's kernel source with our own short configuration, ``kernel.config``.

It can run the guest's processes under seccomp instead of ptrace (``seccomp=on``), which Debian's package is too
old for, and it has no modules to load. About 1,200 files; 17 CPU-minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from drydock.core import resources
from drydock.core.command import end_group, require, run
from drydock.core.progress import bar, step
from drydock.errors import CommandFailed, KernelOptionDropped
from drydock.machine.artifacts import rootfs
from drydock.machine.store import artifact_cache

_CONFIG = resources.package_data("drydock.machine.artifacts", "kernel.config")
_PACKAGE = "linux-source-7.2"
#: What compiles it.
_PROGRAMS = ("gcc", "make", "flex", "bison", "bc", "xz")
#: Files that the compiler says it is done with; only the progress bar depends on it.
_FILES = 1250

#: The source is in the backports of the suite: the same archive, whose name only mmdebstrap need know.
_BACKPORTS = (
    f'sed -n "1s/ {rootfs.SUITE} / {rootfs.SUITE}-backports /p" "$1/etc/apt/sources.list"'
    ' > "$1/etc/apt/sources.list.d/backports.list"'
)


class CompiledKernel:
    """A kernel of our own making; see :class:`drydock.machine.artifacts.kernel_source.Source`."""

    name = "compiled"

    def key(self) -> str:
        """By this file, the configuration and the source's package."""
        return artifact_cache.key([Path(__file__), _CONFIG, _PACKAGE])

    def build(self, folder: Path, final: Path) -> None:
        """Fetch, configure and compile; raises :class:`KernelOptionDropped` when the kernel did not take an option."""
        require(_PROGRAMS, "compile a kernel")
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            source = _fetch(Path(scratch))
            configure(source)
            _compile(source)
            run(["strip", "-o", folder / "linux", source / "linux"])
        (folder / "seccomp").touch()


def _fetch(scratch: Path) -> Path:
    with step(f"Fetching {_PACKAGE} and unpacking it"):
        tree = scratch / "tree"
        rootfs.extract(tree, [_PACKAGE], hook=_BACKPORTS)
        archive = next((tree / "usr/src").glob("linux-source-*.tar.xz"))
        run(["tar", "--extract", "--xz", "--file", archive, "--directory", scratch])
        shutil.rmtree(tree)
    return next(path for path in scratch.iterdir() if path.is_dir())


def configure(source: Path, config: Path = _CONFIG) -> None:
    """Merge ``config`` over the smallest configuration, and look whether the kernel took every line of it."""
    _make(source, "tinyconfig")
    run(["scripts/kconfig/merge_config.sh", "-m", ".config", config], cwd=source)
    _make(source, "olddefconfig")
    taken = set((source / ".config").read_text().splitlines())
    lost = [line for line in _options(config) if line not in taken and not _absent(line, taken)]
    if lost:
        raise KernelOptionDropped(lost)


def _options(config: Path) -> list[str]:
    lines = config.read_text().splitlines()
    return [line for line in lines if line.startswith(("CONFIG_", "# CONFIG_"))]


def _absent(line: str, taken: set[str]) -> bool:
    """Whether an option asked to be off isn't even there, which is off too."""
    name = line.removeprefix("# ").split()[0]
    return line.endswith(" is not set") and not any(other.startswith(f"{name}=") for other in taken)


def _compile(source: Path) -> None:
    jobs = len(os.sched_getaffinity(0))
    argv = ["make", "ARCH=um", f"-j{jobs}"]
    with bar("Compiling the kernel", _FILES) as advance, tempfile.TemporaryFile("w+") as trouble:
        pipe = subprocess.PIPE
        with subprocess.Popen(argv, cwd=source, stdout=pipe, stderr=trouble, text=True, process_group=0) as compiler:
            assert compiler.stdout is not None
            try:
                for line in compiler.stdout:
                    if line.startswith("  CC "):
                        advance(1)
            except BaseException:
                end_group(compiler)
                raise
        trouble.seek(0)
        if compiler.returncode != 0:
            raise CommandFailed(argv, compiler.returncode, trouble.read())


def _make(source: Path, target: str) -> None:
    run(["make", "ARCH=um", target], cwd=source)
