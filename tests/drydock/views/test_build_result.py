"""The result of a build, as a notebook shows it."""

from __future__ import annotations

from drydock.views.build_log import Step
from drydock.views.build_result import BuildResult
from drydock.views.build_steps import draw


def test_result_has_a_picture_and_steps() -> None:
    """A notebook displays the picture, and a cell can use the steps in assertions."""
    step = Step("RUN true", "cached", 0.0, "", 2, 2)
    result = BuildResult(draw("one:1", [step], 0.1, 0.2), [step])
    assert result.steps[0].cached
    assert repr(result) == "<one:1: 1 step in 0.2 s, 1 from the cache>"
