"""How much processor time containers use, measured at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import docker
from docker.models.containers import Container


def cpu_usage(client: docker.DockerClient, *names: str) -> list[float]:
    """Return how many processors each container uses, as 0.5 for half of one, over the same second or so.

    One that is not running uses none.
    """
    containers = [client.containers.get(name) for name in names]
    with ThreadPoolExecutor(max(len(containers), 1)) as threads:
        return list(threads.map(_processors, containers))


def _processors(container: Container) -> float:
    # Without one_shot, the daemon itself takes two samples, about a second apart.
    stats: Any = container.stats(stream=False)
    used = stats["cpu_stats"]["cpu_usage"]["total_usage"] - stats["precpu_stats"]["cpu_usage"]["total_usage"]
    passed = datetime.fromisoformat(stats["read"]) - datetime.fromisoformat(stats["preread"])
    seconds = passed.total_seconds()
    return round(float(used) / 1e9 / seconds, 2) if seconds > 0 else 0.0  # a stopped container has no two samples
