"""One submission, one throw-away machine: what grading needs of it, and nothing about how it is made."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from docker import DockerClient

from autograder.sandbox.bounded_client import bounded
from drydock.machine import Machine
from drydock.machine.isolation.backends import choose

#: The layers inside the outermost one (:mod:`drydock.machine.isolation.backends`): a kernel of the submission's own,
#: and a proxy in front of its daemon that lets through only what assignments need.
INNER = ("machine", "proxy")


class Sandbox(Protocol):
    """A daemon that nobody else uses, gone on leaving."""

    @property
    def isolation(self) -> tuple[str, ...]:
        """The layers between the submission and this computer, outermost first."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def client(self) -> DockerClient:
        """A docker-py client of its daemon that reads no endless answers; the caller closes it."""
        ...

    def reach(self, port: int, protocol: str) -> tuple[str, int]:
        """Where on this computer a port published in its daemon is found."""
        ...

    def was_killed(self) -> bool:
        """Whether it ended by somebody on this computer, where no submission reaches."""
        ...

    def boot_next(self) -> None:
        """The notebook has run, and its checks mostly wait: time for the next one to boot."""
        ...

    def another(self) -> Sandbox:
        """One more of its kind, not entered yet: another computer, for work that has to travel."""
        ...


class MachineSandbox:
    """A temporary machine that shares nothing, isolated from this computer unless ``isolated`` is false."""

    def __init__(self, memory_mb: int = 1024, isolated: bool = True) -> None:
        # Without isolation, at least the slower way of running processes, from which a hostile one escapes less easily.
        self._machine = Machine(memory_mb=memory_mb, shares=[], confined=isolated, trusted=isolated)
        self._memory_mb = memory_mb
        self._isolated = isolated

    @property
    def isolation(self) -> tuple[str, ...]:
        """The backend around its machine, the machine, and the proxy in front of its daemon; or the machine alone."""
        return (choose().NAME, *INNER) if self._isolated else INNER[:1]

    def __enter__(self) -> Self:
        self._machine.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._machine.__exit__(kind, error, trace)

    def client(self) -> DockerClient:
        """A client whose answers have a limit and a deadline."""
        return bounded(self._machine.client())

    def reach(self, port: int, protocol: str) -> tuple[str, int]:
        """Where on this computer a port published in the machine is found."""
        return self._machine.reach(port, "udp" if protocol == "udp" else "tcp")

    def was_killed(self) -> bool:
        """Whether its machine was ended from outside."""
        return self._machine.was_killed()

    def boot_next(self) -> None:
        """No other one follows."""

    def another(self) -> MachineSandbox:
        """Return one with the same memory and isolation."""
        return MachineSandbox(self._memory_mb, self._isolated)
