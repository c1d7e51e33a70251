"""The package that Drydock's notebooks use.

>>> import drydock
>>> drydock.start()

The command ``drydock`` imports this package too, so its parts are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drydock.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from drydock.core.paths import LABEL
    from drydock.engine import Engine
    from drydock.learn.lesson import Lesson, lesson
    from drydock.learn.start import start
    from drydock.links import Link, link
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "LABEL": "drydock.core.paths",
            "Engine": "drydock.engine.engine",
            "Lesson": "drydock.learn.lesson",
            "Link": "drydock.links",
            "lesson": "drydock.learn.lesson",
            "link": "drydock.links",
            "start": "drydock.learn.start",
        },
    )

__all__ = ["LABEL", "Engine", "Lesson", "Link", "lesson", "link", "start"]
