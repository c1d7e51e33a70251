"""The tests of other projects on a machine beside this computer's own daemon.

``python -m tests.drydock.machine.peer_suites SUITE FOLDER`` runs a suite on both and prints each test that did not pass
on both. SUITE is ``docker-py``, ``testcontainers`` or ``compose``; FOLDER is a clone of github.com/docker/docker-py,
github.com/testcontainers/testcontainers-python or github.com/docker/compose, of which nothing is changed.

The first two need a Python with their packages, which ``--python`` names. In a new virtual environment:

- docker-py: ``pip install docker pytest==7.4.2 pytest-timeout paramiko websocket-client``
- testcontainers: ``pip install FOLDER pytest pytest-timeout pytest-asyncio pytest-mock``

``-k WORDS`` selects tests as pytest does, or compose files by a regular expression for their path. ``--tls`` uses the
machine's TLS endpoint instead of its Unix socket. No image is pulled: ``peer_runs/substitute_images.py`` lists what
stands for which. A test that needs the Hub fails on the computer's daemon and isn't run on the machine. Tests that
prune run on the machine only, because they would remove what belongs to other programs; and the computer's daemon may
be in no swarm, because tests leave it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from drydock.machine import Machine
from drydock.machine.artifacts import docker_cli, kernel_source, machine_build
from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.drydock.machine.peer_runs import leftovers, substitute_images
from tests.drydock.machine.peer_runs.comparison import Runner, compare, table
from tests.drydock.machine.peer_runs.compose_fixtures import ComposeFixtures
from tests.drydock.machine.peer_runs.python_suite import PythonSuite, Result, Suite
from tests.leaks import host_daemon

#: The version of the API that the machine's Docker 26 has.
_MACHINE_API = "1.45"
_DOCKER_PY = Suite("tests/integration", ".", prune="prune", ignored=("tests/integration/credentials",))
_TESTCONTAINERS = Suite(
    "tests/core",
    "src",
    # Its helper container would be pulled; and a container's ports are on this computer, where the tests are.
    variables=(("TESTCONTAINERS_RYUK_DISABLED", "true"), ("TESTCONTAINERS_CONNECTION_MODE", "docker_host")),
    # Neither uses a daemon; the second turns that helper container on again for all later tests.
    ignored=("tests/core/test_legacy_module_imports.py", "tests/core/test_config.py"),
)


@contextmanager
def host() -> Iterator[Daemon]:
    """Yield this computer's daemon with the images that suites need; it is clean afterwards."""
    endpoint = host_daemon()
    assert endpoint is not None, "this computer has no Docker daemon"
    with _folder() as folder, closing(endpoint.client(300)) as client:
        before = leftovers.Before.of(client)
        assert before.swarm == "inactive", "this computer's daemon is in a swarm, which the tests would leave"
        try:
            substitute_images.build(client)
            yield Daemon(endpoint, folder, docker_cli.environment())
        finally:
            for name in leftovers.remove(client, before):
                print(f"left on the daemon: {name}")


@contextmanager
def machine(*, tls: bool = False) -> Iterator[Daemon]:
    """Yield a new machine's daemon with the images that suites need."""
    with _folder() as folder, Machine(memory_mb=1536, shares=[folder], publish=True) as machine:
        endpoint = machine.endpoint if tls else machine.instance.socket_endpoint
        with closing(endpoint.client(300)) as client:
            substitute_images.build(client)
        yield Daemon(endpoint, folder, docker_cli.environment())


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="peers-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Print the report of one suite; return 1 if a test fails on the machine only."""
    parser = argparse.ArgumentParser(prog="peer_suites", description="Run another project's tests on both daemons.")
    parser.add_argument("suite", choices=["docker-py", "testcontainers", "compose"])
    parser.add_argument("folder", type=Path, help="a clone of the suite's repository")
    parser.add_argument("--python", default=sys.executable, help="the Python that has the suite's packages")
    parser.add_argument("-k", dest="keyword", default="", help="run only the tests with these words")
    parser.add_argument("--tls", action="store_true", help="use the machine's TLS endpoint, not its Unix socket")
    parser.add_argument("--results", type=Path, help="keep the daemon's results in this file, or take them from it")
    options = parser.parse_args()
    machine_build.find_or_build()
    runner = _runner(options)
    on_host = _results_on_host(runner, options.results)
    with machine(tls=options.tls) as daemon:
        rows = compare(runner, daemon, on_host)
    print(f"machine with the {kernel_source.default()} kernel, over {'TLS' if options.tls else 'its Unix socket'}")
    print(*table(rows), sep="\n")
    return 1 if any(row.note == "differs" for row in rows) else 0


def _results_on_host(runner: Runner, file: Path | None) -> dict[str, Result]:
    """Return the results on this computer's daemon: those in the file if it exists, else new ones, written to it."""
    if file is not None and file.exists():
        return {test: Result(*result) for test, result in json.loads(file.read_text()).items()}
    with host() as daemon:
        results = runner.run(daemon, shared=True)
    if file is not None:
        file.write_text(json.dumps({test: [result.outcome, result.reason] for test, result in results.items()}))
    return results


def _api_version() -> str:
    """Return the newest version of the API that both daemons have: a newer one would compare two Dockers."""
    endpoint = host_daemon()
    assert endpoint is not None, "this computer has no Docker daemon"
    with closing(endpoint.client()) as client:
        version = str(client.version()["ApiVersion"])
    return min(version, _MACHINE_API, key=lambda text: tuple(map(int, text.split("."))))


def _runner(options: argparse.Namespace) -> Runner:
    folder = options.folder.resolve()
    if options.suite == "compose":
        return ComposeFixtures(folder, options.keyword)
    suite = _DOCKER_PY if options.suite == "docker-py" else _TESTCONTAINERS
    return PythonSuite(suite, folder, options.python, _api_version(), options.keyword)


if __name__ == "__main__":
    sys.exit(main())
