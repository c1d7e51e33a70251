"""The variables with which a shell finds the lessons' docker command."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from drydock.learn import docker_path


def test_our_docker_comes_first_and_once() -> None:
    """It comes before every other docker, however often the variables are made."""
    once = docker_path.environment({"PATH": "/usr/bin:/bin"})
    twice = docker_path.environment(once)
    assert twice == once
    assert once["PATH"].split(":")[1:3] == ["/usr/bin", "/bin"]
    program = shutil.which("docker", path=once["PATH"])
    assert program is not None
    assert Path(program).parts[-4:] == ("drydock", "learn", "bin", "docker")
    assert once["DRYDOCK_PYTHON"] == sys.executable


def test_commands_of_drydock_are_found() -> None:
    """A lesson's cell runs `drydock` also where an editor started the kernel."""
    path = docker_path.environment({"PATH": "/usr/bin:/bin"})["PATH"]
    assert shutil.which("drydock", path=path) == str(Path(sys.executable).with_name("drydock"))
