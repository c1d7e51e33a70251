"""The files that repo2docker reads: their form, as far as it can be checked without repo2docker."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from drydock.core.command import PACKAGE_OF
from tests.architecture.tree import ROOT, below

BINDER = ROOT / "binder"


def test_nothing_hides_the_environment() -> None:
    """With a Dockerfile repo2docker ignores all other files, and it fails on a second folder."""
    assert {path.name for path in below("binder", "*")} == {"apt.txt", "environment.yml", "postBuild", "start"}
    assert not (ROOT / ".binder").exists()


def test_packages_are_what_machines_need() -> None:
    """The list has a name on each line: programs that Drydock calls, and the keys of Debian's archive."""
    lines = (BINDER / "apt.txt").read_text().splitlines()
    assert lines == sorted({*PACKAGE_OF.values(), "debian-archive-keyring"})
    assert all(re.fullmatch(r"[a-z0-9.+-]+", line) for line in lines)


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_programs_are_programs(name: str) -> None:
    """The scripts are executable and name their shell."""
    assert os.access(BINDER / name, os.X_OK)
    assert (BINDER / name).read_text().startswith("#!/bin/sh\n")


def test_post_build_stops_at_the_first_error() -> None:
    """An error ends the build, instead of an image without a machine; and no line asks for root."""
    text = (BINDER / "postBuild").read_text()
    code = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert code[0] == "set -eu"
    assert not re.search(r"\b(sudo|apt-get|apt|su)\b", "\n".join(code))


def test_start_hands_over_at_once(tmp_path: Path) -> None:
    """The command from the arguments runs next, in the same process, while the machine is still starting."""
    (tmp_path / "drydock").write_text('#!/bin/sh\necho $$ "$@" > $HOME/asked\nexec tail -f /dev/null\n')
    (tmp_path / "drydock").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    wait = 'until [ -s "$HOME/asked" ]; do :; done; kill "$(cut -d" " -f1 "$HOME/asked")"'
    look = f'echo "$1"; echo "$DRYDOCK_BUNDLE"; {wait}'
    words = [str(BINDER / "start"), "sh", "-c", look, "-", "a b"]
    done = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines() == ["a b", f"{tmp_path}/.drydock.bundle"]
    assert (tmp_path / "asked").read_text().split()[1:] == ["machine", "start", "--share", str(ROOT)]


@pytest.mark.parametrize(
    ("variables", "folders"),
    [({}, ["student", ""]), ({"DRYDOCK_INSTRUCTOR": "1"}, [""])],
    ids=["student", "instructor"],
)
def test_teachers_have_their_tools(tmp_path: Path, variables: dict[str, str], folders: list[str]) -> None:
    """JupyterLab's settings turn off nbgrader's tools for teachers, but not in a server that is an instructor's."""
    words = [str(BINDER / "start"), "/bin/sh", "-c", 'echo "$JUPYTER_CONFIG_PATH"']
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path)} | variables
    done = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    settings = ROOT / "drydock" / "jupyter"
    assert [Path(path) for path in done.stdout.strip().split(":")] == [settings / name for name in folders]


def test_start_hands_over_where_nothing_is_installed(tmp_path: Path) -> None:
    """JupyterLab opens without Drydock too; the first cell shows the error."""
    words = [str(BINDER / "start"), "/bin/sh", "-c", "exit 7"]
    done = subprocess.run(words, env={"PATH": str(tmp_path), "HOME": str(tmp_path)}, check=False, timeout=30)
    assert done.returncode == 7
