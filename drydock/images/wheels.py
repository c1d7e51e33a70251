"""Python packages from a hashed lock, unpacked on this computer for the Python inside an image."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from drydock.core.command import find, run

#: The Python of ``drydock/python``, and where Debian's looks for packages that are not Debian's.
PYTHON = "3.13"
FOLDER = f"usr/local/lib/python{PYTHON}/dist-packages"


def unpack(lock: Path, folder: Path) -> None:
    """Download the lock's wheels (each must have the hash the lock says) and unpack them into ``folder``.

    Raises :class:`~drydock.errors.CommandFailed` when one is missing or differs.
    """
    strict = ["--only-binary", ":all:", "--require-hashes", "--no-deps"]
    common: list[str | Path] = [*strict, "--target", folder, "-r", lock]
    uv = next((str(path) for path in [Path(sys.executable).with_name("uv")] if path.exists()), find("uv"))
    if uv is not None:
        # uv wants a Python to run on, and would otherwise look for one where we happen to stand.
        platform = [
            "--python",
            sys.executable,
            "--python-version",
            PYTHON,
            "--python-platform",
            "x86_64-manylinux_2_28",
        ]
        # Trust whom this computer trusts, as pip does: a campus may have an authority of its own.
        env = {"UV_SYSTEM_CERTS": "true", **os.environ}
        run([uv, "pip", "install", "--quiet", "--link-mode", "copy", *platform, *common], env=env, timeout=900)
        return
    # pip takes only the platforms it is told, not the older ones these include.
    names = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_12_x86_64")
    platforms = [word for name in names for word in ("--platform", name)]
    options = ["--quiet", "--no-compile", "--python-version", PYTHON, *platforms]
    run([sys.executable, "-m", "pip", "install", *options, *common], timeout=900)
