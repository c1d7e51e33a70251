"""The platform of this computer."""

from __future__ import annotations

import platform as stdlib_platform
import subprocess
import sys

import pytest

from drydock.core import platform


@pytest.mark.parametrize(
    ("system", "architecture", "supported"),
    [("Linux", "x86_64", True), ("Linux", "aarch64", False), ("Darwin", "arm64", False), ("Windows", "AMD64", False)],
)
def test_platforms_with_machines(
    monkeypatch: pytest.MonkeyPatch, system: str, architecture: str, supported: bool
) -> None:
    """Machines run on Linux x86-64 and on no other platform."""
    monkeypatch.setattr(stdlib_platform, "system", lambda: system)
    monkeypatch.setattr(stdlib_platform, "machine", lambda: architecture)
    assert platform.supports_machines() is supported
    assert platform.describe().startswith(system)


#: Imports every module that a student's notebook or command may use, on a system without the modules of POSIX.
_ON_WINDOWS = """
import importlib, pkgutil, platform, sys
sys.modules.update(dict.fromkeys(["fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"]))
platform.system = lambda: "Windows"
import drydock
for module in pkgutil.walk_packages(drydock.__path__, "drydock."):
    if not module.name.startswith("drydock.machine"):
        importlib.import_module(module.name)
"""


def test_every_module_can_be_imported_on_windows() -> None:
    """Outside of the machines, which run on Linux only, no module needs one that Windows lacks when it is imported."""
    subprocess.run([sys.executable, "-c", _ON_WINDOWS], check=True, timeout=120)
