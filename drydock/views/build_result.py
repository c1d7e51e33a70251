"""The result of a build, as a notebook shows it."""

from __future__ import annotations

from drydock.views.build_log import Step
from drydock.views.view import View


class BuildResult(View):
    """The picture of a finished build; ``steps`` are the Dockerfile's instructions without FROM."""

    def __init__(self, svg: str, steps: list[Step]) -> None:
        super().__init__(svg)
        self.steps = steps
