"""A second sandbox, for work that has to run on another computer, too.

It is booted when a check first asks for it, so that only assignments which travel pay for it: some seconds, and as
much memory as a sandbox takes. Nothing of the submission has ever run there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing

from autograder.checks.context import CheckContext
from autograder.execution import workspace
from autograder.sandbox.machine_sandbox import Sandbox


class SecondSandbox:
    """One that isn't there yet; ``folder`` is the archive of the student's folder."""

    def __init__(self, make: Callable[[], Sandbox], token: str, folder: bytes) -> None:
        self._make = make
        self._token = token
        self._folder = folder
        self._open = ExitStack()
        self._context: CheckContext | None = None

    def context(self) -> CheckContext:
        """What checks may look at there; the same each time."""
        if self._context is None:
            sandbox = self._open.enter_context(self._make())
            client = self._open.enter_context(closing(sandbox.client()))
            self._context = CheckContext(client, sandbox.reach, self._token, workspace.left(client, self._folder))
        return self._context

    def close(self) -> None:
        """Throw it away, if it was made."""
        self._context = None
        self._open.close()
