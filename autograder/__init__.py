"""Checks of real Docker work, and grading by them.

In a notebook: ``from autograder import check, token``.
"""

# The name `check` means the student's function here. The module autograder.check is loaded by then, and
# `from autograder.check import …` finds it as ever.
from autograder.selfcheck import check, token

__all__ = ["check", "token"]
