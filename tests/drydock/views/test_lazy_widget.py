"""Widgets are loaded with the first picture and not before."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from drydock import views
assert callable(views.lifecycle) and callable(views.layers)
assert "ipywidgets" not in sys.modules
from drydock.views.lazy_widget import live
from drydock.views.events import Clock
from drydock.views.svg import SvgBuilder
live(lambda: SvgBuilder(10).svg(10, ""), lambda: Clock(1))
assert "ipywidgets" in sys.modules
from drydock.views.limits import draw
assert callable(views.limits)
"""


def test_importing_the_views_is_cheap() -> None:
    """``from drydock import views`` loads no widgets, and a picture's module never takes its function's place."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)
