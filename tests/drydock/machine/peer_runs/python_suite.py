"""Runs the tests of another project's repository against a daemon, with the Python that has that project's packages."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.drydock.machine.peer_runs import report_plugin

#: Seconds for a single test: a client of Docker waits 60 seconds for an answer.
_TEST_SECONDS = 90
_TLS = ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")


@dataclass(frozen=True)
class Suite:
    """The tests of a repository: their folder, the folder of its packages, and variables that they need.

    ``prune`` is a word in the names of tests that remove everything which is not in use, of other programs too.
    ``ignored`` are files and folders with tests that use no daemon, and need other programs or packages.
    """

    tests: str
    packages: str
    variables: tuple[tuple[str, str], ...] = ()
    prune: str = ""
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """How a test ended, in the words of its suite, and why it didn't pass."""

    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class PythonSuite:
    """A suite in a folder, run by ``python``: the tests that ``keyword`` selects, as pytest's ``-k`` does."""

    suite: Suite
    repository: Path
    python: str
    api_version: str
    keyword: str = ""

    def run(
        self, daemon: Daemon, *, shared: bool = False, tests: Sequence[str] = (), without: Sequence[str] = ()
    ) -> dict[str, Result]:
        """Return the result of each test: of those in ``tests``, or of all that are selected but those in ``without``.

        On a ``shared`` daemon tests that prune are left out. The suite's temporary files are in the daemon's folder,
        which it can mount.
        """
        report = daemon.folder / f"report-{secrets.token_hex(4)}"
        command = [self.python, "-m", "pytest", "-q", "-p", report_plugin.__name__.rpartition(".")[2]]
        command += ["-p", "no:cacheprovider", "-o", "log_cli=false", f"--timeout={_TEST_SECONDS}"]
        command += tests or [self.suite.tests, "-k", self._selection(shared=shared)]
        command += [f"--ignore={path}" for path in self.suite.ignored]
        command += [f"--deselect={test}" for test in without]
        environment = self._environment(daemon) | {"PEER_REPORT": str(report)}
        done = subprocess.run(
            command, cwd=self.repository, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode not in (0, 1, 5):  # passed, failed, no test was selected
            raise RuntimeError(f"pytest ended with exit code {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
        return _read(report)

    def _selection(self, *, shared: bool) -> str:
        words = [f"({self.keyword})"] if self.keyword else []
        return " and ".join(words + ([f"not {self.suite.prune}"] if shared and self.suite.prune else []))

    def _environment(self, daemon: Daemon) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _TLS}
        folders = (Path(report_plugin.__file__).parent, self.repository / self.suite.packages)
        variables = {
            "DOCKER_TEST_API_VERSION": self.api_version,
            "DOCKER_CONFIG": str(_client_configuration(daemon)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            "TMPDIR": str(daemon.folder),
        }
        return inherited | daemon.cli | daemon.endpoint.environment() | variables | dict(self.suite.variables)


def _client_configuration(daemon: Daemon) -> Path:
    """Return a configuration folder of the docker client for tests, which create contexts there."""
    folder = daemon.folder / "client"
    folder.mkdir(exist_ok=True)
    configured = Path(daemon.cli.get("DOCKER_CONFIG", "/nonexistent"), "config.json")
    if configured.is_file():  # it names the folder of the compose plug-in
        shutil.copy(configured, folder)
    return folder


def _read(report: Path) -> dict[str, Result]:
    """Return the results in the plug-in's report; of several lines of a test, a failure counts."""
    results: dict[str, Result] = {}
    for line in report.read_text().splitlines() if report.exists() else ():
        entry = json.loads(line)
        if results.get(entry["test"], Result("")).outcome != "failed":
            results[entry["test"]] = Result(entry["outcome"], entry["reason"])
    return results
