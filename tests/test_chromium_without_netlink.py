"""The tests' browser: nobody tells it of changes in this computer's network, and it can do all else."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import DEAF

LOOK = """
import socket, sys
for family in socket.AF_NETLINK, socket.AF_INET, socket.AF_UNIX:
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
        print(family.name, "opens", *sys.argv[1:])
    except OSError as error:
        print(family.name, error.strerror)
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the number of the call is that of x86-64")
def test_it_hears_nothing_and_speaks_with_everybody(tmp_path: Path) -> None:
    """It gets no socket that the kernel would tell it of networks on, and all others; its words are handed on."""
    (tmp_path / "chromium").write_text(f"#!{sys.executable}\n{LOOK}")
    (tmp_path / "chromium").chmod(0o755)
    env = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    said = subprocess.run([DEAF, "--headless"], env=env, capture_output=True, text=True, check=True, timeout=20).stdout
    refused = "AF_NETLINK Address family not supported by protocol"
    assert said.splitlines() == [refused, "AF_INET opens --headless", "AF_UNIX opens --headless"]
