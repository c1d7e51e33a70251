"""How much memory a pod comes to use while a student works through the whole course."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from docker.models.containers import Container

from tests.binder.conftest import AS_JUPYTER, run

#: Of the 2 GB that a pod has.
MOST_MB = 1600


@pytest.mark.host
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(5400)
def test_all_lectures_fit_into_a_pod(pod: tuple[Container, float]) -> None:
    """JupyterLab, the machine and all fifteen lectures stay below 1.6 GB, and nothing is killed for want of memory."""
    container, _ = pod
    with sampled(container) as samples:
        code, said = run(container, [*AS_JUPYTER, "python", "tests/binder/play.py"])
    print(said)
    assert code == 0, said
    print(f"memory of the pod, MB: {sorted(samples)[len(samples) // 2]} in the middle, {max(samples)} at its peak")
    assert max(samples) < MOST_MB
    container.reload()
    assert container.status == "running"
    assert container.attrs["State"]["OOMKilled"] is False


@contextmanager
def sampled(container: Container) -> Iterator[list[int]]:
    """What the pod uses, in MB, a sample a second: without files that could be read again, as Kubernetes counts it."""
    samples: list[int] = []
    over = threading.Event()

    def sample() -> None:
        stream: Any = container.stats(stream=True, decode=True)
        for told in stream:
            if over.is_set() or not told["memory_stats"]:
                break
            samples.append(_used(told["memory_stats"]) >> 20)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def _used(memory: dict[str, Any]) -> int:
    """Bytes; the daemon's words for it are the system's, which has two ways of counting."""
    details = memory["stats"]
    return int(memory["usage"]) - int(details.get("total_inactive_file", details.get("inactive_file", 0)))
