"""The widget of ``views.limits``: plots of a container's usage, and a slider that changes each limit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from docker.errors import DockerException
from docker.models.containers import Container
from ipywidgets import FloatSlider, IntSlider, VBox  # type: ignore[import-untyped]

from drydock.core.ipython import display_widget
from drydock.views.container_usage import UsageSampler, set_cpu_limit, set_memory_limit
from drydock.views.events import Interval
from drydock.views.limits import draw
from drydock.views.live_view import LiveView

#: Seconds between two samples.
_INTERVAL = 1.0
_MB = 1 << 20
_LAYOUT = {"style": {"description_width": "130px"}, "layout": {"width": "460px"}, "continuous_update": False}


class LimitSliders(LiveView):
    """The plots, and a slider for each limit that calls ``container.update``."""

    def __init__(self, container: Container, sampler: UsageSampler) -> None:
        self._sampler, self._error = sampler, ""
        #: The thread that is setting the sliders to the current limits; None while none is.
        self._syncing_thread: int | None = None
        self.usage = sampler.usage
        highest = max(2 * (self.usage.memory_limit or 256 * _MB) // _MB, 64)
        self.memory = IntSlider(highest, 6, highest, description="memory limit, MB", **_LAYOUT)
        self.cpus = FloatSlider(
            self.usage.cpus, min=0.05, max=self.usage.cpus, step=0.01, description="CPU limit", **_LAYOUT
        )
        super().__init__(self._sample, lambda: Interval(_INTERVAL))
        self.memory.observe(lambda change: self._on_change(set_memory_limit, container, change["new"] * _MB), "value")
        self.cpus.observe(lambda change: self._on_change(set_cpu_limit, container, change["new"]), "value")

    def _ipython_display_(self) -> None:
        """Display the plots, and the sliders below them."""
        super()._ipython_display_()
        display_widget(VBox([self.memory, self.cpus]))

    def close(self) -> None:
        """Stop updating, and close the sliders."""
        super().close()
        self.memory.close()
        self.cpus.close()

    def _sample(self) -> str:
        """Take a sample, set the sliders to the current limits, and return the plots."""
        self.usage = replace(self._sampler.sample(), error=self._error)
        self._syncing_thread = threading.get_ident()
        if self.usage.memory_limit:
            self.memory.max = max(self.memory.max, self.usage.memory_limit // _MB)
            self.memory.value = self.usage.memory_limit // _MB
        if self.usage.cpu_limit:
            self.cpus.max = max(self.cpus.max, self.usage.cpu_limit)
            self.cpus.value = self.usage.cpu_limit
        self._syncing_thread = None
        return draw(self.usage)

    def _on_change(self, set_limit: Callable[[Container, Any], None], container: Container, value: float) -> None:
        if self._syncing_thread == threading.get_ident():
            return  # the limit moved the slider, not the other way round
        try:
            set_limit(container, value)
            self._error = ""
        except DockerException as error:
            self._error = str(getattr(error, "explanation", None) or error)
        self.refresh()
