"""A build that is done, as a notebook shows it."""

from __future__ import annotations

from drydock.views.build_log import Step
from drydock.views.widget import View


class Steps(View):
    """Its picture, and its ``steps`` to ask: the lines of the Dockerfile but FROM."""

    def __init__(self, svg: str, steps: list[Step]) -> None:
        super().__init__(svg)
        self.steps = steps
