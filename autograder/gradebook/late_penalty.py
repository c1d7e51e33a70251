"""The penalty for lateness, decided by nbgrader's own preprocessor and the plug-in that the course configured."""

from __future__ import annotations

from typing import Any

import nbformat
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

_v4: Any = nbformat.v4


def assign(config: Config, db_url: str, assignment: str, student: str) -> str:
    """Write a submission's penalty into the gradebook, as ``nbgrader autograde`` does, and remove an older one.

    Return what went wrong in the course's plug-in; empty if nothing did.
    """
    about = {"notebook": assignment, "assignment": assignment, "student": student, "db_url": db_url}
    try:
        AssignLatePenalties(config=config).preprocess(_v4.new_notebook(), {"nbgrader": about})
    except Exception as error:  # the plug-in is the course's own
        return f"{type(error).__name__}: {error}"[:300]
    return ""
