"""Finding a Docker daemon: providers are asked in order, and the first engine that can be used is selected.

A provider is a module with a ``NAME`` and a function ``detect() -> Candidate``. To add one, add its module to
:data:`drydock.engine.discovery.PROVIDERS`, which has the order.
"""

from typing import TYPE_CHECKING

from drydock.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from drydock.engine.discovery import find, start
    from drydock.engine.engine import Engine
    from drydock.engine.providers.candidate import Candidate
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "Candidate": "drydock.engine.providers.candidate",
            "Engine": "drydock.engine.engine",
            "find": "drydock.engine.discovery",
            "start": "drydock.engine.discovery",
        },
    )

__all__ = ["Candidate", "Engine", "find", "start"]
