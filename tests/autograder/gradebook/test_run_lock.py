"""One coordinator at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.errors import AlreadyGrading, CannotWrite
from autograder.gradebook.run_lock import held
from tests.autograder.conftest import ROOT

HOLD = "import sys\nfrom pathlib import Path\nfrom autograder.gradebook.run_lock import held\n"
HOLD += "with held(Path(sys.argv[1]), 'grading service'):\n    print('held', flush=True)\n    input()\n"


def test_the_second_learns_who_the_first_is(tmp_path: Path) -> None:
    """Its process, since when, and what it does."""
    file = tmp_path / "build" / "grading.lock"
    with held(file, "grading service"), pytest.raises(AlreadyGrading) as raised, held(file, "grading production"):
        pass
    assert f"process {os.getpid()}" in raised.value.why
    assert "grading service since 20" in raised.value.why


def test_it_is_free_again_afterwards(tmp_path: Path) -> None:
    """Also when what was done under it went wrong."""
    file = tmp_path / "grading.lock"
    with pytest.raises(ZeroDivisionError), held(file, "grading service"):
        raise ZeroDivisionError
    with held(file, "grading service"):
        assert file.exists()


def test_it_ends_with_who_holds_it(tmp_path: Path) -> None:
    """However that ends: nobody has to clear anything away by hand."""
    file = tmp_path / "grading.lock"
    words = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyGrading, match=f"process {holder.pid}"), held(file, "grading service"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with held(file, "grading service"):
            pass


def test_a_holder_that_has_not_signed_yet_is_somebody(tmp_path: Path) -> None:
    """Between taking the lock and saying so there is a moment."""
    file = tmp_path / "grading.lock"
    with held(file, "grading service"):
        file.write_text("")
        with pytest.raises(AlreadyGrading, match="another process"), held(file, "grading service"):
            pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """There is a file in its place, for one."""
    (tmp_path / "build").write_text("")
    with pytest.raises(CannotWrite), held(tmp_path / "build" / "grading.lock", "grading service"):
        pass
