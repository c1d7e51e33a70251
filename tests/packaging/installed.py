"""An installed Drydock as a person has it who never saw the repository: a wheel, an environment, a home, no Docker."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, STDOUT
from tempfile import mkdtemp

from tests.architecture.tree import ROOT
from tests.leaks import SESSION

#: Where the programs of a computer are, for everybody.
_PROGRAMS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
#: Whom root runs the commands as: an ordinary user that every Debian has.
_USER = "nobody"
#: Programs that a person with a bundle does not need: the bundle brings the first one, and replaces the second one.
_LEFT_OUT = ("slirp4netns", "mmdebstrap")


@dataclass(frozen=True)
class Person:
    """An ordinary user with a home folder, and the environment of a login on a computer without Docker."""

    home: Path
    #: The user to become; None where the tests don't run as root, and so as an ordinary user already.
    entry: pwd.struct_passwd | None
    #: Variables that the person has set.
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def venv(self) -> Path:
        """The person's Python environment."""
        return self.home / "venv"

    @property
    def environment(self) -> dict[str, str]:
        """A short environment: nothing of it leads to the checkout, to this user's folders or to a Docker."""
        kept = {name: value for name, value in os.environ.items() if name.endswith("_CA_BUNDLE") or name == SESSION}
        return kept | {
            "HOME": str(self.home),
            "PATH": f"{self.venv / 'bin'}{os.pathsep}{self.home / 'programs'}",
            "LANG": "C.UTF-8",
            "PYTHONPYCACHEPREFIX": str(self.home / "compiled"),  # the environment is another user's
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "DRYDOCK_ENGINE": "machine",
            **self.variables,
        }

    def argv(self, *words: str) -> list[str]:
        """Return the command line that runs a command as the person and in the person's environment."""
        become = []
        if self.entry is not None:
            become = ["setpriv", f"--reuid={self.entry.pw_uid}", f"--regid={self.entry.pw_gid}", "--clear-groups"]
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        return [*become, "env", "--ignore-environment", *variables, *words]

    def run(self, *words: str, timeout: float = 300, cwd: Path | None = None) -> str:
        """Run a command that must succeed, by default in the home folder, and return what it printed."""
        command = self.argv(*words)
        done = subprocess.run(
            command, cwd=cwd or self.home, stdout=PIPE, stderr=STDOUT, text=True, timeout=timeout, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)} exited with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def own(self, path: Path) -> None:
        """Make the person the owner of a file or a folder, and of what is in it."""
        if self.entry is not None:
            for entry in (path, *path.rglob("*")):
                os.chown(entry, self.entry.pw_uid, self.entry.pw_gid, follow_symlinks=False)


@contextmanager
def person() -> Iterator[Person]:
    """A person with an empty home, which goes at the end."""
    # Not pytest's folder: that is below one that only this user can enter.
    home = Path(mkdtemp(prefix="dd-home-", dir="/tmp"))
    home.chmod(0o755)
    someone = Person(home, pwd.getpwnam(_USER) if os.getuid() == 0 else None)
    try:
        (home / "run").mkdir(mode=0o700)
        _link_programs(home / "programs")
        someone.own(home)
        yield someone
    finally:
        shutil.rmtree(home)


def _link_programs(folder: Path) -> None:
    """Make a folder with the programs of this computer, without Docker's and those to build machines, for a PATH."""
    folder.mkdir()
    for program in (path for place in _PROGRAMS if Path(place).is_dir() for path in Path(place).iterdir()):
        link = folder / program.name
        if "docker" not in program.name and program.name not in _LEFT_OUT and not link.is_symlink():
            link.symlink_to(program)


def base_python(someone: Person) -> str | None:
    """Return a Python that the person can run: this one's own, or Debian's; None if there is none."""
    for python in (str(getattr(sys, "_base_executable", sys.executable)), "/usr/bin/python3"):
        code = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))"
        if subprocess.run(someone.argv(python, "-c", code), check=False, capture_output=True).returncode == 0:
            return python
    return None


def build(target: str, folder: Path, source: Path = ROOT) -> Path:
    """Build a ``wheel`` or an ``sdist`` of a source folder, with the backend from the lock; nothing is fetched."""
    words = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(words, cwd=source, capture_output=True, text=True, timeout=60, check=True)
    [built] = folder.iterdir()
    return built


def install(someone: Person, wheel: Path, python: str) -> None:
    """Make the person's environment: the versions of the lock, by hash, and the wheel."""
    uv = str(Path(sys.executable).with_name("uv"))
    env = {"UV_SYSTEM_CERTS": "true", **os.environ}
    into = ["pip", "install", "--quiet", "--python", str(someone.venv / "bin" / "python")]
    locks = ROOT / "locks"
    for words in (
        ["venv", "--quiet", "--python", python, str(someone.venv)],
        [*into, "--no-deps", "--require-hashes", "-r", str(locks / "runtime.txt")],
        # With dependencies but without a network: what the wheel needs is there, or this fails.
        [*into, "--offline", "--excludes", str(locks / "left-out.txt"), str(wheel)],
    ):
        subprocess.run([uv, *words], cwd=someone.home, env=env, timeout=600, check=True)
