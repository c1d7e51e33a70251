"""Runs ``docker compose up``, ``ps`` and ``down`` with each compose file of Docker Compose's own end-to-end tests."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drydock.core.waiting import wait_for
from drydock.errors import TimedOut
from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.drydock.machine.peer_runs.python_suite import Result

_FIXTURES = "pkg/e2e/fixtures"
#: Compose files that can't be brought up, by the start of their paths.
_LEFT_OUT = ("bridge/expected-", "build-infinite/")
#: The states of services are final once they have not changed for so many seconds.
_STABLE_SECONDS = 3.5
_SECONDS = 25


@dataclass(frozen=True)
class ComposeFixtures:
    """The compose files of a repository in whose path the regular expression ``keyword`` is found."""

    repository: Path
    keyword: str = ""

    def run(
        self, daemon: Daemon, *, shared: bool = False, tests: Sequence[str] = (), without: Sequence[str] = ()
    ) -> dict[str, Result]:
        """Return the result of each compose file: of those in ``tests``, or of all but those in ``without``.

        The files are copied to a folder that the daemon can mount. They prune nothing on a ``shared`` daemon.
        """
        fixtures = daemon.folder / f"fixtures-{secrets.token_hex(4)}"
        shutil.copytree(self.repository / _FIXTURES, fixtures, symlinks=True)
        chosen = tests or [file for file in self.files(fixtures) if file not in without]
        return {file: _result(daemon, fixtures / file, file) for file in chosen}

    def files(self, fixtures: Path) -> list[str]:
        """Return the paths of the compose files in a folder of fixtures, relative to it."""
        files = [path for path in fixtures.rglob("*.y*ml") if re.search(r"^services:", path.read_text(), re.MULTILINE)]
        names = sorted(str(path.relative_to(fixtures)) for path in files)
        return [name for name in names if re.search(self.keyword, name) and not name.startswith(_LEFT_OUT)]


def _result(daemon: Daemon, file: Path, name: str) -> Result:
    """Return the exit codes of up and down, and the final state of each container."""
    project = re.sub(r"[^a-z0-9]+", "-", f"peer-{name}".lower()).strip("-")
    variables = {"FILE": str(file), "TEST_DIR": str(file.parent), "IMAGE_NAME": "alpine", "IMAGE_TAG": "latest"}
    daemon = replace(daemon, cli=daemon.cli | variables)
    compose = ("compose", "--project-name", project, "--file", str(file))
    up = daemon.docker(*compose, "up", "--detach", "--pull", "never")
    states = _final_states(daemon, compose)
    down = daemon.docker(*compose, "down", "--volumes", "--remove-orphans", "--timeout", "1", "--rmi", "local")
    remaining = daemon.output("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={project}")
    steps = [f"up {up.returncode}", *states, f"down {down.returncode}", *(["containers remain"] if remaining else [])]
    return Result(", ".join(steps), "" if up.returncode == 0 else up.stderr.decode()[-1500:])


def _final_states(daemon: Daemon, compose: Sequence[str]) -> list[str]:
    """Return the state of each container once they no longer change, or after 25 seconds."""
    states, since = _states(daemon, compose), time.monotonic()

    def are_stable() -> bool:
        nonlocal states, since
        current = _states(daemon, compose)
        if current != states:
            states, since = current, time.monotonic()
        return not states or time.monotonic() - since > _STABLE_SECONDS

    try:
        wait_for(are_stable, "the states", seconds=_SECONDS, every=0.4)
    except TimedOut:
        return [*states, "still changing"]
    return states


def _states(daemon: Daemon, compose: Sequence[str]) -> list[str]:
    lines = daemon.docker(*compose, "ps", "--all", "--format", "json").stdout.decode().splitlines()
    return sorted(map(_state, map(json.loads, lines)))


def _state(container: dict[str, object]) -> str:
    code = f"({container['ExitCode']})" if container["State"] == "exited" else ""
    health = str(container.get("Health", ""))
    return f"{container['Service']} {container['State']}{code} {health}".rstrip()
