"""Checks of real Docker work, and grading by them.

In a notebook: ``from autograder import check, token``.
"""

# The name `check` means the student's function here. The module autograder.checks.api is loaded by then, and
# `from autograder.checks.api import …` finds it as ever.
from autograder.checks.selfcheck import check, token

__all__ = ["check", "token"]
