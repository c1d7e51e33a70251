"""The memory that a pod uses while a student works through the whole course."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from docker.models.containers import Container

from tests.binder.conftest import AS_JUPYTER, run

#: The limit for all of it; a pod has 2 GB.
LIMIT_MB = 1600


@pytest.mark.host
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(5400)
def test_all_lessons_fit_into_a_pod(pod: tuple[Container, float]) -> None:
    """JupyterLab, the machine and all lessons stay below 1.6 GB, and the kernel kills nothing for lack of memory."""
    container, _ = pod
    with sampled(container) as samples:
        code, output = run(container, [*AS_JUPYTER, "python", "tests/binder/play.py"])
    print(output)
    assert code == 0, output
    print(f"memory of the pod, MB: {sorted(samples)[len(samples) // 2]} in the median, {max(samples)} at its peak")
    assert max(samples) < LIMIT_MB
    container.reload()
    assert container.status == "running"
    assert container.attrs["State"]["OOMKilled"] is False


@contextmanager
def sampled(container: Container) -> Iterator[list[int]]:
    """Sample the pod's memory once a second, in MB, without reclaimable file pages, as Kubernetes counts it."""
    samples: list[int] = []
    stopped = threading.Event()

    def sample() -> None:
        stream: Any = container.stats(stream=True, decode=True)
        for stats in stream:
            if stopped.is_set() or not stats["memory_stats"]:
                break
            samples.append(_used(stats["memory_stats"]) >> 20)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        stopped.set()
        thread.join()


def _used(memory: dict[str, Any]) -> int:
    """Return the bytes in use; cgroup v1 and v2 have different names for the reclaimable pages."""
    details = memory["stats"]
    return int(memory["usage"]) - int(details.get("total_inactive_file", details.get("inactive_file", 0)))
