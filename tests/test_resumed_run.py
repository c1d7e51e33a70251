"""A run of the tests that was interrupted goes on, and repeats nothing that passed with the same files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lesson_reader import COURSE

_CONFTEST = """\
from tests import resumed_run

def pytest_configure(config):
    config.pluginmanager.register(resumed_run.resumed(config.rootpath, getattr(config, "workerinput", None)))
"""
#: The last test kills the whole run as long as there is a file `kill` beside the folder.
_TESTS = """\
import os, signal, time
from pathlib import Path
import pytest

@pytest.mark.parametrize("name", ["a", "b@c"])
def test_quick(name): pass

def test_broken(): assert not Path("../broken").exists()

@pytest.fixture
def unclosed():
    yield
    assert not Path("../unclosed").exists()

def test_unclosed(unclosed): pass

def test_last():
    if Path("../kill").exists():
        time.sleep(1)  # the run receives the results of the tests before
        os.killpg(0, signal.SIGKILL)
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with five tests."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / "conftest.py").write_text(_CONFTEST)
    (folder / "test_five.py").write_text(_TESTS)
    (folder / ".gitignore").write_text("__pycache__\n.pytest_cache\n")
    return folder


def outcome(checkout: Path, *options: str) -> dict[str, int]:
    """Run the tests; return how many passed, failed and so on, nothing if the run was killed."""
    command = [sys.executable, "-m", "pytest", "--tb=no", "-c", os.devnull, f"--rootdir={checkout}", *options, "."]
    environment = {**os.environ, "PYTHONPATH": str(COURSE.parent), "XDG_CACHE_HOME": str(checkout.parent / "cache")}
    finished = subprocess.run(
        command, cwd=checkout, env=environment, text=True, stdout=subprocess.PIPE, process_group=0, timeout=120
    )
    summary = finished.stdout.splitlines()[-1] if finished.returncode >= 0 else ""
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|deselected|error)", summary)}


@pytest.mark.parametrize("options", [(), ("--numprocesses=2", "--dist=loadgroup")], ids=["one process", "two workers"])
def test_a_killed_run_goes_on(checkout: Path, options: tuple[str, ...]) -> None:
    """What passed before it was killed is left out; when all have passed, the next run begins from the start."""
    (checkout.parent / "kill").touch()
    assert outcome(checkout, *options) == {}
    (checkout.parent / "kill").unlink()
    assert 1 <= outcome(checkout, *options)["passed"] < 5
    assert outcome(checkout, *options) == {"passed": 5}


def test_only_what_passed_is_left_out(checkout: Path) -> None:
    """A test that failed, or whose fixture failed after it, runs again."""
    (checkout.parent / "broken").touch()
    (checkout.parent / "unclosed").touch()
    assert outcome(checkout) == {"failed": 1, "passed": 4, "error": 1}
    (checkout.parent / "broken").unlink()
    (checkout.parent / "unclosed").unlink()
    assert outcome(checkout) == {"passed": 2, "deselected": 3}


def test_other_files_need_another_run(checkout: Path) -> None:
    """After any change, also in a file that is not committed, all tests run."""
    (checkout.parent / "broken").touch()
    assert outcome(checkout) == {"failed": 1, "passed": 4}
    (checkout / "new.txt").write_text("new")
    assert outcome(checkout) == {"failed": 1, "passed": 4}
