"""The docker command of lessons: it labels what is created, and passes everything else on as it was typed."""

from __future__ import annotations

import subprocess
from importlib import resources
from pathlib import Path

import pytest

COMMAND = Path(str(resources.files("drydock.learn") / "bin" / "docker"))
LABEL = "io.drydock.owner=03_ports"


@pytest.fixture
def docker(tmp_path: Path) -> Path:
    """A docker that prints its arguments, a line each."""
    program = tmp_path / "docker"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    return program


def typed(docker: Path, *words: str, label: str = LABEL) -> list[str]:
    """What the real docker gets of these words."""
    variables = {"PATH": f"{COMMAND.parent}:{docker.parent}:/usr/bin:/bin", "DRYDOCK_LESSON_LABEL": label}
    done = subprocess.run(["docker", *words], env=variables, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "command",
    ["run", "create", "build", "container run", "image build", "buildx build", "network create", "volume create"],
)
def test_what_creates_is_labelled(docker: Path, command: str) -> None:
    """The label follows the command's own words, also after options of docker itself."""
    words = command.split()
    assert typed(docker, *words, "-d", "x y") == [*words, "--label", LABEL, "-d", "x y"]
    assert typed(docker, "--host", "run", *words, "x") == ["--host", "run", *words, "--label", LABEL, "x"]


@pytest.mark.parametrize("command", ["ps -a", "exec c docker run", "compose up", "volume ls", "image rm x", ""])
def test_everything_else_is_passed_on(docker: Path, command: str) -> None:
    """Nothing is added to a command that creates nothing, or outside of a lesson."""
    assert typed(docker, *command.split()) == (command.split() or [""])
    assert typed(docker, "run", "x", label="") == ["run", "x"]
