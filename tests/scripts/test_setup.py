"""`make setup` installs once, looks ever after, and never installs behind a person's back."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from drydock.core.command import PACKAGE_OF
from tests.architecture.tree import ROOT

#: Stands for a program: writes down how it was called.
NOTED = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'


#: All that the script itself calls, but for apt-get: a computer where nobody may install.
FEW = ("basename", "cat", "cksum", "dirname", "id", "rm", "sed", "sort", "tr")


class Checkout:
    """A copy of what `scripts/setup` reads, on a computer where each program only notes that it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.path = os.environ["PATH"]
        shutil.copytree(ROOT / "locks", folder / "locks")
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "setup", folder / "scripts")
        for program in ("python", "uv"):
            self.provide(folder / ".venv" / "bin" / program)
        for program in (*PACKAGE_OF, "chromium"):
            self.provide(folder / "bin" / program)

    def provide(self, program: Path) -> None:
        """Put a program there that notes its calls."""
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(NOTED)
        program.chmod(0o755)

    def lose(self, *programs: str) -> None:
        """Take programs away, and the right to install them."""
        for program in FEW:
            found = shutil.which(program)
            assert found is not None
            (self.folder / "bin" / program).symlink_to(found)
        for program in programs:
            (self.folder / "bin" / program).unlink()
        self.path = ""

    def setup(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it, and forget what earlier runs noted."""
        self.calls.write_text("")
        env = {"PATH": f"{self.folder}/bin:{self.path}", "CALLS": str(self.calls)}
        command = ["/bin/sh", "scripts/setup", *arguments]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def installed(self) -> bool:
        """Did the last run install anything?"""
        return "install" in self.calls.read_text()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout in which nothing was set up yet."""
    return Checkout(tmp_path)


def test_installs_by_hash_from_the_locks(checkout: Checkout) -> None:
    """uv comes from its lock, everything else from the lock of what is asked for, and both by hash."""
    assert checkout.setup().returncode == 0
    calls = checkout.calls.read_text()
    assert "--require-hashes -r locks/setup.txt" in calls
    assert "--require-hashes -r locks/runtime.txt" in calls
    assert "dev.txt" not in calls


def test_the_second_time_only_looks(checkout: Checkout) -> None:
    """While nothing changed, nothing is installed or said; what tests need includes what a lesson needs."""
    checkout.setup("dev")
    for level in ([], ["dev"]):
        again = checkout.setup(*level)
        assert (again.returncode, again.stderr, checkout.installed()) == (0, "", False)


@pytest.mark.parametrize("file", ["locks/runtime.txt", "pyproject.toml", "scripts/setup"])
def test_a_change_installs_again(checkout: Checkout, file: str) -> None:
    """Whatever decides what is installed is looked at by its content."""
    checkout.setup()
    with (checkout.folder / file).open("a") as handle:
        handle.write("# changed\n")
    checkout.setup()
    assert checkout.installed()


def test_what_failed_is_tried_again(checkout: Checkout) -> None:
    """An installation that was interrupted is not taken for a finished one."""
    uv = checkout.folder / ".venv" / "bin" / "uv"
    uv.write_text("#!/bin/sh\nexit 1\n")
    assert checkout.setup().returncode != 0
    checkout.provide(uv)
    checkout.setup()
    assert checkout.installed()


def test_an_ordinary_user_is_told_the_line_that_installs(checkout: Checkout) -> None:
    """Without the right to install, every missing package is named at once with the one line, and nothing happens."""
    checkout.lose("slirp4netns", "mmdebstrap")
    done = checkout.setup()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("apt-get install -y mmdebstrap slirp4netns")
    assert not checkout.installed()


def test_a_working_docker_needs_nothing_beside_it(checkout: Checkout) -> None:
    """A person with a Docker of their own is not asked for a machine's packages."""
    checkout.lose("slirp4netns")
    checkout.provide(checkout.folder / "bin" / "docker")
    done = checkout.setup()
    assert done.returncode == 0
    assert "Using this computer's Docker" in done.stderr
    assert checkout.installed()
