"""`make setup` installs once, then only checks, and installs no system packages without the right to do so."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from drydock.core.command import PACKAGE_OF
from tests.architecture.tree import ROOT

#: A program that records its calls in a file.
RECORDER = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'

#: An apt-get whose lock another program has at its first calls.
APT = """#!/bin/sh
echo apt-get >>"$CALLS"
[ "$(grep -c apt-get "$CALLS")" -ge "$LOCKED_UNTIL" ] || { echo "E: Could not get lock /x. It is held by 7"; exit 100; }
"""


#: All programs that the script calls, without apt-get: a computer on which the user may not install packages.
BASIC_PROGRAMS = ("basename", "cat", "cksum", "dirname", "id", "rm", "sed", "sort", "tr")


class Checkout:
    """A copy of the files that `scripts/setup` reads, with programs that only record their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.path = os.environ["PATH"]
        shutil.copytree(ROOT / "locks", folder / "locks")
        shutil.copy(ROOT / "pyproject.toml", folder)
        settings = folder / "drydock" / "machine" / "artifacts"
        settings.mkdir(parents=True)
        self.setting = Path(shutil.copy(ROOT / "drydock/machine/artifacts/bundle.toml", settings))
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "setup", folder / "scripts")
        for program in ("python", "uv"):
            self.provide(folder / ".venv" / "bin" / program)
        for program in (*PACKAGE_OF, "chromium"):
            self.provide(folder / "bin" / program)

    def provide(self, program: Path, text: str = RECORDER) -> None:
        """Add a program, by default one that records its calls."""
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)

    def lose(self, *programs: str) -> None:
        """Remove programs, and the right to install packages."""
        for program in BASIC_PROGRAMS:
            path = shutil.which(program)
            assert path is not None
            (self.folder / "bin" / program).symlink_to(path)
        for program in programs:
            (self.folder / "bin" / program).unlink()
        self.path = ""

    def setup(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the script with more environment variables, and forget the calls of earlier runs."""
        self.calls.write_text("")
        env = {"PATH": f"{self.folder}/bin:{self.path}", "CALLS": str(self.calls), **variables}
        command = ["/bin/sh", "scripts/setup", *arguments]
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def installed(self) -> bool:
        """Return whether the last run installed anything."""
        return "install" in self.calls.read_text()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout before the first setup."""
    return Checkout(tmp_path)


def test_installs_by_hash_from_the_locks(checkout: Checkout) -> None:
    """uv is installed from its lock and the packages from the runtime's lock, both with hashes."""
    assert checkout.setup().returncode == 0
    calls = checkout.calls.read_text()
    assert "--require-hashes -r locks/setup.txt" in calls
    assert "--require-hashes -r locks/runtime.txt" in calls
    assert "dev.txt" not in calls


def test_second_run_installs_nothing(checkout: Checkout) -> None:
    """Without a change nothing is installed or printed; the packages for tests include those for lessons."""
    checkout.setup("dev")
    for level in ([], ["dev"]):
        again = checkout.setup(*level)
        assert (again.returncode, again.stderr, checkout.installed()) == (0, "", False)


@pytest.mark.parametrize("file", ["locks/runtime.txt", "pyproject.toml", "scripts/setup"])
def test_change_installs_again(checkout: Checkout, file: str) -> None:
    """A changed lock, pyproject.toml or setup script installs again."""
    checkout.setup()
    with (checkout.folder / file).open("a") as handle:
        handle.write("# changed\n")
    checkout.setup()
    assert checkout.installed()


def test_failed_installation_is_repeated(checkout: Checkout) -> None:
    """An installation that failed is repeated by the next run."""
    uv = checkout.folder / ".venv" / "bin" / "uv"
    uv.write_text("#!/bin/sh\nexit 1\n")
    assert checkout.setup().returncode != 0
    checkout.provide(uv)
    checkout.setup()
    assert checkout.installed()


def test_missing_packages_are_named(checkout: Checkout) -> None:
    """Without the right to install, the script prints the command for all missing packages, and installs nothing."""
    checkout.lose("slirp4netns", "mmdebstrap")
    done = checkout.setup()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("apt-get install -y mmdebstrap slirp4netns")
    assert not checkout.installed()


def test_keys_of_debian_are_a_package(checkout: Checkout) -> None:
    """Where Debian's keys are missing, as on a new Ubuntu, mmdebstrap would refuse each package."""
    checkout.lose()
    script = checkout.folder / "scripts" / "setup"
    script.write_text(script.read_text().replace("/usr/share/keyrings/", "/nowhere/"))
    assert checkout.setup().stderr.endswith("apt-get install -y debian-archive-keyring\n")


@pytest.mark.parametrize(
    ("python", "answers", "package"),
    [
        ("python3", "*version_info\\ \\>=*", "python3.11-venv"),  # as on Ubuntu 22.04
        ("python3", "*import\\ sys,\\ venv*", "python3-venv"),
        ("python3.12", "*import\\ sys,\\ venv*", "python3.12-venv"),
        ("other", "*", "python3-venv"),
    ],
)
def test_the_package_for_a_python_is_named(checkout: Checkout, python: str, answers: str, package: str) -> None:
    """The package fits the Python that will make .venv, or brings one that is not too old."""
    checkout.lose()
    checkout.provide(checkout.folder / ".venv" / "bin" / "python", "#!/bin/sh\nexit 1\n")
    checkout.provide(checkout.folder / "bin" / python, f'#!/bin/sh\ncase "$2" in {answers}) exit 0 ;; esac\nexit 1\n')
    assert checkout.setup().stderr.endswith(f"apt-get install -y {package}\n")


def test_another_program_installs_packages(checkout: Checkout) -> None:
    """The script waits until apt's lock is free, and reports it once; another failure ends it at once."""
    checkout.lose("slirp4netns")
    for program in ("grep", "mktemp", "tail"):
        (checkout.folder / "bin" / program).symlink_to(str(shutil.which(program)))
    checkout.provide(checkout.folder / "bin" / "sleep")
    checkout.provide(checkout.folder / "bin" / "apt-get", APT)
    (checkout.folder / "bin" / "id").unlink()
    checkout.provide(checkout.folder / "bin" / "id", "#!/bin/sh\necho 0\n")  # an administrator
    done = checkout.setup(LOCKED_UNTIL="3")
    assert (done.returncode, done.stderr.count("Another program installs packages.")) == (0, 1)
    calls = [line for line in checkout.calls.read_text().splitlines() if line in ("apt-get", "sleep 5")]
    assert calls == [*["apt-get", "sleep 5"] * 2, "apt-get", "apt-get"]
    assert checkout.setup(LOCKED_UNTIL="100").stderr.endswith("The last lines of apt-get are above.\n")
    assert checkout.calls.read_text().count("sleep 5") == 60


def test_docker_needs_no_packages_of_machines(checkout: Checkout) -> None:
    """On a computer with Docker, the packages that machines need are not required."""
    checkout.lose("slirp4netns")
    checkout.provide(checkout.folder / "bin" / "docker")
    done = checkout.setup()
    assert done.returncode == 0
    assert "Using this computer's Docker" in done.stderr
    assert checkout.installed()


def test_a_bundle_needs_no_packages_of_machines(checkout: Checkout) -> None:
    """With a bundle, named by the variable or by the setting, no package is required; the tests require them."""
    checkout.lose("slirp4netns", "mmdebstrap", "ssh")
    done = checkout.setup(DRYDOCK_BUNDLE="/srv/class.drydock")
    assert done.returncode == 0
    assert "The machine comes from the bundle /srv/class.drydock." in done.stderr
    checkout.setting.write_text('source = "https://example.org/drydock.bundle"\n')
    assert "the bundle https://example.org/drydock.bundle." in checkout.setup().stderr
    for arguments, variables in (([], {"DRYDOCK_BUNDLE": ""}), (["dev"], {"DRYDOCK_BUNDLE": "/srv/class.drydock"})):
        assert "apt-get install -y" in checkout.setup(*arguments, **variables).stderr
