"""The plots of what a container uses, and a slider for each limit that moves it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from docker.errors import DockerException
from docker.models.containers import Container
from ipywidgets import FloatSlider, IntSlider  # type: ignore[import-untyped]

from drydock.views.container_usage import Gauge, set_cpus, set_memory
from drydock.views.events import Clock
from drydock.views.limits import draw
from drydock.views.live_view import Live

_EVERY = 1.0
_MB = 1 << 20
_WIDE = {"style": {"description_width": "130px"}, "layout": {"width": "460px"}, "continuous_update": False}


class Limits(Live):
    """The plots, and a slider for each limit that calls ``container.update``."""

    def __init__(self, container: Container, gauge: Gauge) -> None:
        self._gauge, self._note = gauge, ""
        #: The thread that moves the sliders because the limits were moved, while it does.
        self._mover: int | None = None
        self.usage = gauge.usage
        most = max(2 * (self.usage.memory_limit or 256 * _MB) // _MB, 64)
        self.memory = IntSlider(most, 6, most, description="memory limit, MB", **_WIDE)
        self.cpus = FloatSlider(
            self.usage.cpus, min=0.05, max=self.usage.cpus, step=0.01, description="processors", **_WIDE
        )
        super().__init__(self._look, lambda: Clock(_EVERY), (self.memory, self.cpus))
        self.memory.observe(lambda moved: self._moved(set_memory, container, moved["new"] * _MB), "value")
        self.cpus.observe(lambda moved: self._moved(set_cpus, container, moved["new"]), "value")

    def _look(self) -> str:
        """The plots as things are now, and the sliders where the limits are, whoever moved those."""
        self.usage = replace(self._gauge.look(), note=self._note)
        self._mover = threading.get_ident()
        if self.usage.memory_limit:
            self.memory.max = max(self.memory.max, self.usage.memory_limit // _MB)
            self.memory.value = self.usage.memory_limit // _MB
        if self.usage.cpu_limit:
            self.cpus.max = max(self.cpus.max, self.usage.cpu_limit)
            self.cpus.value = self.usage.cpu_limit
        self._mover = None
        return draw(self.usage)

    def _moved(self, change: Callable[[Container, Any], None], container: Container, value: float) -> None:
        if self._mover == threading.get_ident():
            return  # the slider followed the limit
        try:
            change(container, value)
            self._note = ""
        except DockerException as error:
            self._note = str(getattr(error, "explanation", None) or error)
        self.refresh()
