"""A warm start: machines booted ahead, for whoever asks next."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType
from typing import Any, Self

from drydock.errors import DrydockError, WaitedTooLong
from drydock.machine import build
from drydock.machine.machine import Machine
from drydock.machine.sweep import sweep

#: How long whoever asks waits for a machine, in seconds, when none is warm.
_PATIENCE = 180


class Pool:
    """Keeps ``size`` temporary machines booted, and boots another for each that is taken.

    ``with Pool(2) as pool, pool.take() as machine: …``. What is taken is the taker's to stop; what wasn't, the pool
    stops. All of them end with this process, however it ends; should one leave its folder behind, since it was just
    begun, the next pool clears it away. ``settings`` are those of :class:`Machine`.
    """

    def __init__(self, size: int, **settings: Any) -> None:
        self._size = size
        self._settings = settings
        self._ready: deque[Machine] = deque()
        self._change = threading.Condition()
        self._closed = False
        self._trouble: DrydockError | None = None
        self._thread = threading.Thread(target=self._fill, name="machine-pool", daemon=True)

    def __enter__(self) -> Self:
        build.build()
        sweep()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._thread.join()
        for machine in self._ready:
            machine.stop()

    def take(self) -> Machine:
        """A booted machine that nobody has used; waits for one when none is warm.

        Raises what kept the next one from booting, or :class:`~drydock.errors.WaitedTooLong`.
        """
        with self._change:
            there = self._change.wait_for(lambda: self._ready or self._trouble, timeout=_PATIENCE)
            if not there:
                raise WaitedTooLong("a machine of the pool", _PATIENCE)
            if not self._ready and self._trouble is not None:
                trouble, self._trouble = self._trouble, None
                self._change.notify_all()
                raise trouble
            machine = self._ready.popleft()
            self._change.notify_all()
        return machine if machine.is_running() else self.take()

    def warm(self) -> int:
        """How many are ready now."""
        with self._change:
            return len(self._ready)

    def _fill(self) -> None:
        """Boot one after the other: two booting at once take as long, and the first is wanted first."""
        while self._lacks_one():
            try:
                machine = Machine(**self._settings)
                machine.start(owned=True, quiet=True)
            except DrydockError as trouble:
                self._tell(trouble)
                continue
            with self._change:
                if not self._closed:
                    self._ready.append(machine)
                    self._change.notify_all()
                    continue
            machine.stop()

    def _lacks_one(self) -> bool:
        with self._change:
            self._change.wait_for(lambda: self._closed or self._wanting())
            return not self._closed

    def _wanting(self) -> bool:
        return len(self._ready) < self._size and self._trouble is None

    def _tell(self, trouble: DrydockError) -> None:
        with self._change:
            self._trouble = trouble
            self._change.notify_all()
