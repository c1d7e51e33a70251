"""Python packages from a lock file with hashes, unpacked on this computer for the Python inside an image."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from drydock.core.command import find, run
from drydock.errors import PipMissing

#: The Python version of ``drydock/python``, and the folder where Debian's Python looks for other packages.
PYTHON = "3.13"
FOLDER = f"usr/local/lib/python{PYTHON}/dist-packages"


def unpack(lock: Path, folder: Path) -> None:
    """Download the wheels of a lock file, compare their hashes, and unpack them into ``folder``.

    Raises :class:`~drydock.errors.CommandFailed` when a wheel is missing or has another hash, and
    :class:`~drydock.errors.PipMissing` when there is neither uv nor pip.
    """
    strict = ["--only-binary", ":all:", "--require-hashes", "--no-deps"]
    common: list[str | Path] = [*strict, "--target", folder, "-r", lock]
    uv = next((str(path) for path in [Path(sys.executable).with_name("uv")] if path.exists()), find("uv"))
    if uv is None:
        _pip_install(common)
    else:
        _uv_install(uv, common)


def _uv_install(uv: str, common: list[str | Path]) -> None:
    # uv needs a Python to run on; without --python it would search for one from the current folder.
    platform = ["--python", sys.executable, "--python-version", PYTHON, "--python-platform", "x86_64-manylinux_2_28"]
    # Use this computer's certificate authorities, as pip does: a campus may have one of its own.
    env = {"UV_SYSTEM_CERTS": "true", **os.environ}
    run([uv, "pip", "install", "--quiet", "--link-mode", "copy", *platform, *common], env=env, timeout=900)


def _pip_install(common: list[str | Path]) -> None:
    if PathFinder.find_spec("pip") is None:
        raise PipMissing(sys.executable)
    # pip accepts only the platforms listed here; unlike uv it does not add the older compatible ones.
    names = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_12_x86_64")
    platforms = [word for name in names for word in ("--platform", name)]
    options = ["--quiet", "--no-compile", "--python-version", PYTHON, *platforms]
    run([sys.executable, "-m", "pip", "install", *options, *common], timeout=900)
