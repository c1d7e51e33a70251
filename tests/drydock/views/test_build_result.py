"""A build that is done, as a notebook shows it."""

from __future__ import annotations

from drydock.views.build_log import Step
from drydock.views.build_result import Steps
from drydock.views.build_steps import draw


def test_it_is_a_picture_and_can_be_asked() -> None:
    """The picture is what is shown; the steps are what a lesson asserts on."""
    step = Step("RUN true", "cached", 0.0, "", 2, 2)
    view = Steps(draw("one:1", [step], 0.1, 0.2), [step])
    assert view.steps[0].cached
    assert view._repr_mimebundle_()["text/plain"] == "<one:1: 1 step in 0.2 s, 1 from the cache>"
    view.close()
