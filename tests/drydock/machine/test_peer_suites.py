"""The comparison of other projects' tests on two daemons, and how their results are read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.drydock.machine.peer_runs.comparison import compare, table
from tests.drydock.machine.peer_runs.compose_fixtures import ComposeFixtures
from tests.drydock.machine.peer_runs.python_suite import PythonSuite, Result, Suite

_SUITE = '''
import pytest

def test_passes():
    """Nothing is wrong."""

def test_fails():
    raise OSError("no such image")

@pytest.mark.skip(reason="no such computer")
def test_is_skipped(): ...

@pytest.mark.xfail(reason="known")
def test_is_expected_to_fail():
    assert False

@pytest.fixture
def broken():
    yield
    raise OSError("not removed")

def test_leaves_something(broken): ...

def test_prunes():
    raise OSError("everything is gone")
'''


@dataclass
class FixedResults:
    """A suite with fixed results: those of each run on the machine in turn."""

    machine: list[dict[str, Result]]
    without: list[str] = field(default_factory=list)

    def run(
        self, daemon: Daemon, *, shared: bool = False, tests: Sequence[str] = (), without: Sequence[str] = ()
    ) -> dict[str, Result]:
        """Return the next results."""
        self.without += without
        return self.machine.pop(0)


@pytest.fixture
def daemon(tmp_path: Path) -> Daemon:
    """An address where no daemon listens, with a folder."""
    return Daemon(Endpoint(f"unix://{tmp_path}/docker.sock"), tmp_path, {})


def note(daemon: Daemon, host: Result, *machine: Result) -> str:
    """Return the note of a test with these results."""
    [row] = compare(FixedResults([{"t": result} for result in machine]), daemon, {"t": host})
    return row.note


def test_a_failure_on_the_machine_only_is_reported(daemon: Daemon) -> None:
    """A test that fails twice on the machine differs; one that passes the second time has another note."""
    failed, passed = Result("failed", "OSError: late"), Result("passed")
    assert note(daemon, passed, failed, failed) == "differs"
    assert note(daemon, passed, failed, passed) == "passed again"
    assert note(daemon, failed, failed) == "equal"
    assert note(daemon, failed, passed) == "daemon only"


def test_what_needs_the_hub_is_not_run_on_the_machine(daemon: Daemon) -> None:
    """A test that the computer's daemon fails for want of an image is listed, and the machine leaves it out."""
    error = Result("failed", 'ImageNotFound: 404 ("pull access denied for hello-world")')
    suite = FixedResults([{"runs": Result("passed")}])
    rows = compare(suite, daemon, {"pulls": error, "runs": Result("passed")})
    assert suite.without == ["pulls"]
    assert [row.note for row in rows] == ["Hub", "equal"]
    assert next(table(rows)) == "2 tests; Hub 1, equal: passed 1"


def test_a_difference_is_a_row_of_the_table(daemon: Daemon) -> None:
    """The row has both outcomes and the first line of the reason; a test that passed on both has no row."""
    failed, passed = Result("failed", "OSError: a | b\nmore"), Result("passed")
    suite = FixedResults([{"t": failed, "u": passed}, {"t": failed}])
    lines = list(table(compare(suite, daemon, {"t": passed, "u": passed})))
    assert lines[2:] == ["| t | failed: OSError: a \\| b | passed | differs |"]


@pytest.mark.slow
def test_the_results_of_a_python_suite(daemon: Daemon, tmp_path: Path) -> None:
    """Each test's outcome is read with its reason, and on a shared daemon tests that prune are left out."""
    (tmp_path / "test_it.py").write_text(_SUITE)
    suite = PythonSuite(Suite("test_it.py", ".", prune="prunes"), tmp_path, sys.executable, "1.41")
    results = {test.partition("::")[2]: result for test, result in suite.run(daemon, shared=True).items()}
    assert results == {
        "test_passes": Result("passed"),
        "test_fails": Result("failed", "OSError: no such image"),
        "test_is_skipped": Result("skipped", "Skipped: no such computer"),
        "test_is_expected_to_fail": Result("skipped", "expected to fail: known"),
        "test_leaves_something": Result("failed", "OSError: not removed"),
    }
    assert list(suite.run(daemon, tests=["test_it.py::test_prunes"])) == ["test_it.py::test_prunes"]


def test_the_compose_files_of_a_repository(daemon: Daemon, tmp_path: Path) -> None:
    """A file with services is chosen if its path has the word; other files and endless builds are not."""
    for name in ("cascade/compose.yaml", "cascade/values.yaml", "build-infinite/compose.yaml", "wait/compose.yml"):
        file = tmp_path / "fixtures" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x: 1\n" if "values" in name else "services:\n")
    suite = ComposeFixtures(tmp_path)
    assert suite.files(tmp_path / "fixtures") == ["cascade/compose.yaml", "wait/compose.yml"]
    assert ComposeFixtures(tmp_path, "wait").files(tmp_path / "fixtures") == ["wait/compose.yml"]
