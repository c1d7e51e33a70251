"""The compiled kernel: built from Debian's kernel source with our own short configuration, ``kernel.config``.

It can run the guest's processes under seccomp instead of ptrace (``seccomp=on``), which Debian's packaged kernel is too
old for, and it needs no modules. About 1,200 source files; 17 CPU-minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from drydock.core import resources
from drydock.core.command import end_group, require, run
from drydock.core.progress import bar, step
from drydock.errors import CommandFailed, KernelOptionDropped, KernelOptionUnknown
from drydock.machine.artifacts import kernel_package, rootfs
from drydock.machine.store import artifact_cache

_CONFIG = resources.package_data("drydock.machine.artifacts", "kernel.config")
#: The programs that compile it.
_PROGRAMS = ("gcc", "make", "flex", "bison", "bc", "xz")
#: Options that newer sources don't have: since 7.3, SYSCTL is what PROC_SYSCTL was.
_ONLY_OLDER = {"CONFIG_PROC_SYSCTL"}
#: The number of files that make reports as compiled; only the progress bar depends on it.
_FILES = 1250


class CompiledKernel:
    """A kernel that is compiled here; see :class:`drydock.machine.artifacts.kernel_source.KernelSource`."""

    name = "compiled"

    def key(self) -> str:
        """Return a hash of the modules and the configuration; a newer source alone is no reason to compile again."""
        return artifact_cache.key([Path(__file__), Path(kernel_package.__file__), _CONFIG])

    def build(self, folder: Path, final: Path) -> None:
        """Fetch the newest source, configure and compile.

        Raises :class:`KernelOptionUnknown` for options that this source does not have, and
        :class:`KernelOptionDropped` when an option was not accepted.
        """
        require(_PROGRAMS, "compile a kernel")
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            source = _fetch(Path(scratch))
            configure(source, fit(source))
            _compile(source)
            run(["strip", "-o", folder / "linux", source / "linux"])
        (folder / "seccomp").touch()


def _fetch(scratch: Path) -> Path:
    package = kernel_package.choose(kernel_package.listed())
    with step(f"Fetching and unpacking {package}"):
        tree = scratch / "tree"
        rootfs.extract(tree, [package], hook=kernel_package.BACKPORTS)
        archive = next((tree / "usr/src").glob("linux-source-*.tar.xz"))
        run(["tar", "--extract", "--xz", "--file", archive, "--directory", scratch])
        shutil.rmtree(tree)
    return next(path for path in scratch.iterdir() if path.is_dir())


def fit(source: Path, config: Path = _CONFIG) -> Path:
    """Write ``config`` into the source's folder, without the options that only older sources have; return the file.

    Raises :class:`KernelOptionUnknown` for any other option that no Kconfig file of this source defines.
    """
    known = _defined(source)
    names = [line.partition("=")[0] for line in _options(config) if not line.startswith("#")]
    unknown = [name for name in names if name.removeprefix("CONFIG_") not in known]
    misspelt = [name for name in unknown if name not in _ONLY_OLDER]
    if misspelt:
        raise KernelOptionUnknown(misspelt, source.name)
    fitted = source / config.name
    lines = config.read_text().splitlines()
    fitted.write_text("".join(f"{line}\n" for line in lines if line.partition("=")[0] not in unknown))
    return fitted


def _defined(source: Path) -> set[str]:
    """Return the options that a source defines for User Mode Linux on x86-64, without their prefix."""
    names: set[str] = set()
    for file in source.rglob("Kconfig*"):
        parts = file.relative_to(source).parts
        if parts[0] != "arch" or len(parts) == 2 or parts[1:3] == ("x86", "um") or parts[1] == "um":
            names.update(re.findall(r"^\s*(?:menu)?config\s+(\w+)", file.read_text(errors="replace"), re.MULTILINE))
    return names


def configure(source: Path, config: Path = _CONFIG) -> None:
    """Merge ``config`` into the smallest configuration, and check that the result has every line of it."""
    _make(source, "tinyconfig")
    run(["scripts/kconfig/merge_config.sh", "-m", ".config", config], cwd=source)
    _make(source, "olddefconfig")
    result = set((source / ".config").read_text().splitlines())
    dropped = [line for line in _options(config) if line not in result and not _is_off(line, result)]
    if dropped:
        raise KernelOptionDropped(dropped)


def _options(config: Path) -> list[str]:
    lines = config.read_text().splitlines()
    return [line for line in lines if line.startswith(("CONFIG_", "# CONFIG_"))]


def _is_off(line: str, result: set[str]) -> bool:
    """Return whether an option that must be off is missing from the result, which means off."""
    name = line.removeprefix("# ").split()[0]
    return line.endswith(" is not set") and not any(other.startswith(f"{name}=") for other in result)


def _compile(source: Path) -> None:
    jobs = len(os.sched_getaffinity(0))
    argv, pipe = ["make", "ARCH=um", f"-j{jobs}"], subprocess.PIPE
    with bar("Compiling the kernel", _FILES) as advance, tempfile.TemporaryFile("w+") as errors:
        with subprocess.Popen(argv, cwd=source, stdout=pipe, stderr=errors, text=True, process_group=0) as make:
            assert make.stdout is not None
            try:
                for line in make.stdout:
                    if line.startswith("  CC "):
                        advance(1)
            except BaseException:
                end_group(make)
                raise
        errors.seek(0)
        if make.returncode != 0:
            raise CommandFailed(argv, make.returncode, errors.read())


def _make(source: Path, target: str) -> None:
    run(["make", "ARCH=um", target], cwd=source)
