"""A Jupyter server of a test's own: it answers before the test goes on, and doesn't outlive it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from drydock.core.waiting import wait_for
from tests.processes import ends_with_parent


@contextmanager
def served(
    argv: Sequence[str], address: str, log: Path, *, env: Mapping[str, str], cwd: Path | None = None
) -> Iterator[None]:
    """Start ``argv`` and wait until the Jupyter server at ``address``, which ends in ``/``, answers.

    What it says goes to the file ``log``. Afterwards it is asked to end, and must do so in peace within a minute. A run
    of tests that is killed can't ask; then the system does.
    """
    with (
        log.open("wb") as said,
        subprocess.Popen(argv, env=env, cwd=cwd, stdout=said, stderr=said, preexec_fn=ends_with_parent) as server,
    ):
        try:
            wait_for(lambda: answers(f"{address}api"), "JupyterLab", seconds=60, every=0.3, details=log.read_text)
            yield
        finally:
            server.terminate()
            assert server.wait(timeout=60) == 0, log.read_text()[-2000:]


def answers(address: str) -> bool:
    """Whether a server answers there."""
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False
