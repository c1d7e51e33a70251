"""The next sandbox boots while this one is in use, and one that was used stops while the next one is in use."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from types import TracebackType
from typing import Self

import requests
from docker import DockerClient
from docker.errors import DockerException

from autograder.sandbox.machine_sandbox import Sandbox
from drydock.errors import DrydockError, NoMemory

_log = logging.getLogger(__name__)

Made = Callable[[], Sandbox]


class SandboxPool:
    """Hands out sandboxes that are booted already where it can. Several threads may ask.

    It knows sandboxes, not machines, so a sandbox that was booted ahead is isolated like any other. One thread boots
    and stops them all, in the order of the requests: so one that was used has gone before another takes its memory.
    """

    def __init__(self, make: Made) -> None:
        self._make = make
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sandboxes")
        self._ahead: deque[Future[Sandbox]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for unused in self._ahead:
            if not unused.cancel():
                self._thread.submit(_stop_unused, unused)
        self._thread.shutdown()

    def sandbox(self, *, ahead: bool) -> Sandbox:
        """A sandbox that takes a booted one when it is entered; with ``ahead``, one boots after its ``boot_next``."""
        return _Taken(self, ahead)

    def take(self) -> Sandbox:
        """An entered sandbox that nobody has used; the caller gives it to :meth:`stop`."""
        return self._booted() or self._boot().result()

    def boot(self) -> None:
        """Boot one ahead."""
        self._ahead.append(self._boot())

    def stop(self, sandbox: Sandbox) -> None:
        """Leave a sandbox that was used, without waiting for its end; nobody gets it again."""
        self._thread.submit(_stop, sandbox)

    def _boot(self) -> Future[Sandbox]:
        return self._thread.submit(lambda: self._make().__enter__())

    def _booted(self) -> Sandbox | None:
        """The one that has waited longest, unless it died while it waited, or there was no room for it."""
        with suppress(IndexError, NoMemory):
            sandbox = self._ahead.popleft().result()
            if _answers(sandbox):
                return sandbox
            self.stop(sandbox)
        return None


class _Taken:
    """Looks like a new sandbox, and is a warm one once it is entered."""

    def __init__(self, warm: SandboxPool, ahead: bool) -> None:
        self._warm = warm
        self._ahead = ahead
        self._inner: Sandbox | None = None

    def __enter__(self) -> Self:
        self._inner = self._warm.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._warm.stop(self._entered())

    @property
    def isolation(self) -> tuple[str, ...]:
        """The layers around the booted one."""
        return self._entered().isolation

    def client(self) -> DockerClient:
        """A client of the booted one."""
        return self._entered().client()

    def reach(self, port: int, protocol: str) -> tuple[str, int]:
        """The booted one's way to a port."""
        return self._entered().reach(port, protocol)

    def was_killed(self) -> bool:
        """Whether the booted one was ended from outside."""
        return self._entered().was_killed()

    def boot_next(self) -> None:
        """Boot one ahead, if another submission follows."""
        if self._ahead:
            self._warm.boot()

    def another(self) -> Sandbox:
        """One that is booted when it is needed: few are."""
        return self._entered().another()

    def _entered(self) -> Sandbox:
        if self._inner is None:
            raise RuntimeError("the sandbox was not entered")
        return self._inner


def _answers(sandbox: Sandbox) -> bool:
    try:
        with closing(sandbox.client()) as client:
            return bool(client.ping())
    except (DockerException, requests.RequestException, DrydockError, OSError):
        return False


def _stop(sandbox: Sandbox) -> None:
    try:
        sandbox.__exit__(None, None, None)
    except Exception:  # the verdict stands, and the machine ends with this process at the latest
        _log.exception("a sandbox could not be stopped")


def _stop_unused(booting: Future[Sandbox]) -> None:
    """Stop one that was booted ahead; nobody asked for it, so its trouble is nobody's."""
    with suppress(DrydockError, OSError):
        booting.result().__exit__(None, None, None)
