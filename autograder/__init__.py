"""Checks of real Docker work, and grading by them.

In a notebook: ``from autograder import check, token``.
"""

from typing import TYPE_CHECKING

from drydock.core.lazy_exports import lazy_exports

# The name `check` means the student's function here; `from autograder.checks.api import …` finds the module as ever.
if TYPE_CHECKING:
    from autograder.checks.selfcheck import check, token
else:
    __getattr__, __dir__ = lazy_exports(__name__, dict.fromkeys(("check", "token"), "autograder.checks.selfcheck"))

__all__ = ["check", "token"]
