"""The tests' browser gets no netlink socket, and all other sockets."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import CHROMIUM

LOOK = """
import socket, sys
for family in socket.AF_NETLINK, socket.AF_INET, socket.AF_UNIX:
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
        print(family.name, "opens", *sys.argv[1:])
    except OSError as error:
        print(family.name, error.strerror)
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the filter has the system call number of x86-64")
def test_only_netlink_sockets_are_refused(tmp_path: Path) -> None:
    """Internet and Unix sockets open, a netlink socket is refused, and arguments are passed on."""
    (tmp_path / "chromium").write_text(f"#!{sys.executable}\n{LOOK}")
    (tmp_path / "chromium").chmod(0o755)
    env = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = [str(CHROMIUM), "--headless"]
    output = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=20).stdout
    refused = "AF_NETLINK Address family not supported by protocol"
    assert output.splitlines() == [refused, "AF_INET opens --headless", "AF_UNIX opens --headless"]
