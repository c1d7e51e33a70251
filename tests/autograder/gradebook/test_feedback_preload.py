"""What the fork server loads for the children that render pages."""

from __future__ import annotations

import sys

from autograder.execution.bounded_call import bounded_call
from autograder.gradebook import feedback_preload

#: Loaded by the first page of a process, and by no import before it.
LEXERS = "IPython.lib.lexers"


def loaded(names: list[str]) -> list[str]:
    """Return which of these modules this process has."""
    return [name for name in names if name in sys.modules]


def test_a_child_has_what_renders_a_page_and_no_nbgrader() -> None:
    """The lexers are there before anything is rendered; nbgrader, which takes seconds to import, is not needed."""
    assert bounded_call(loaded, [LEXERS, "nbconvert", "nbgrader"]) == [LEXERS, "nbconvert"]


def test_pages_are_equal_however_many_were_rendered_before() -> None:
    """The exporter and the template are kept in the process, and a page leaves nothing in them for the next one."""
    first = feedback_preload.render_sample()
    assert "decorated" in first
    assert "NameError" in first
    assert feedback_preload.render_sample() == first == bounded_call(feedback_preload.render_sample)
