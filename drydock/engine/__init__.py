"""Is there a Docker here? Asks in order, says who declined and why, and points this process at the one it took.

Each place to ask is a module with a ``NAME`` and one function, ``ask() -> Candidate``. They are asked in the order of
:data:`drydock.engine.discovery.PLACES`; adding one is a module and a word in that tuple.
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
