"""Nothing leaks from machines that are used and killed for long: the soak as a whole, for the night."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT

#: The part of the whole that is done, unless somebody has less time.
SIZE = os.environ.get("DRYDOCK_SOAK", "1.0")


@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(4 * 3600)
def test_nothing_leaks() -> None:
    """After a thousand runs, two hundred builds and a hundred machines no process, socket, memory or disk is left."""
    words = [sys.executable, "-m", "tests.stress.soak", "--size", SIZE]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
