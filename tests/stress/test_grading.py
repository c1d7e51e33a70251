"""Grading goes on whatever is killed: the stress test as a whole, for the night."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.autograder.conftest import ROOT

#: So many submissions, unless somebody has less time.
SIZE = os.environ.get("DRYDOCK_STRESS", "200")


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.nightly
@pytest.mark.timeout(4 * 3600)
def test_a_class_is_graded_while_parts_of_the_grader_are_killed() -> None:
    """Each is graded once, with the right score; nothing is left behind, and neither memory nor disk use grows."""
    words = [sys.executable, "-m", "tests.stress.grading", "--submissions", SIZE]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
