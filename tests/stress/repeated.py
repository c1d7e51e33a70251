"""Work that a thread does again and again while something else runs."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self


class Repeated(ABC):
    """Does its work each time ``pause`` has passed (it says how many seconds), until it is left."""

    def __init__(self, pause: Callable[[], float]) -> None:
        self._pause = pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Do it no more; twice is no mistake."""
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(self._pause()):
            self.once()

    @abstractmethod
    def once(self) -> None:
        """The work."""
