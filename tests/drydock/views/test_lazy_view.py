"""Docker is imported with the first picture, and ipywidgets only with sliders."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from drydock import views
assert callable(views.lifecycle) and callable(views.layers)
assert {"docker", "ipywidgets"}.isdisjoint(sys.modules), sys.modules.keys()
from drydock.views.lazy_view import create_live_view
from drydock.views.events import Interval
from drydock.views.svg import SvgBuilder
create_live_view(lambda: SvgBuilder(10).render(10, ""), lambda: Interval(1))
assert "docker" in sys.modules and "ipywidgets" not in sys.modules
from drydock.views.limits import draw
assert callable(views.limits)
"""


def test_import_is_cheap() -> None:
    """``from drydock import views`` imports no docker-py, and ``views.limits`` stays a function, not its module."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)
