"""A Jupyter server for a test: it answers before the test continues, and ends with it."""

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

    Its output goes to the file ``log``. Afterwards it gets SIGTERM, and must end within a minute with exit code 0.
    If the test run is killed, the kernel sends the signal.
    """
    with (
        log.open("wb") as output,
        subprocess.Popen(argv, env=env, cwd=cwd, stdout=output, stderr=output, preexec_fn=ends_with_parent) as server,
    ):
        try:
            wait_for(lambda: answers(f"{address}api"), "JupyterLab", seconds=180, every=0.3, details=log.read_text)
            yield
        finally:
            server.terminate()
            try:
                code = server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()  # else leaving the block would wait for it
                raise
            assert code == 0, log.read_text()[-2000:]


def answers(address: str) -> bool:
    """Whether a server answers there."""
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False
