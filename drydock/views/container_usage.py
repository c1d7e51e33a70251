"""What a container uses, beside what it may use: samples over the last minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from docker.models.containers import Container

#: How many samples are kept; one a second makes a minute.
LENGTH = 60
#: Docker's period for quotas unless told otherwise; microseconds.
PERIOD = 100_000


@dataclass(frozen=True)
class Sample:
    """One look: bytes of memory, processors' worth of work, and the moment in seconds."""

    moment: float
    memory: int
    cpus: float


@dataclass(frozen=True)
class Usage:
    """What a container has used, what it may use (None: no limit), and how it is."""

    name: str
    samples: tuple[Sample, ...] = ()
    memory_limit: int | None = None
    cpu_limit: float | None = None
    cpus: int = 1
    state: str = "runs"
    note: str = ""


class Gauge:
    """Looks at a container again and again; ``usage`` is what it saw last."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._samples: deque[Sample] = deque(maxlen=LENGTH)
        self._before: tuple[float, int] | None = None
        self.usage = Usage(str(container.name))

    def look(self) -> Usage:
        """Take a sample, if it runs; raises docker's ``NotFound`` when the container is gone."""
        self._container.reload()
        attrs = self._container.attrs
        cpus = self.usage.cpus
        if attrs["State"]["Running"]:
            with suppress(ValueError):  # it ended just now: some daemons then answer with nothing
                stats: Any = self._container.stats(stream=False, one_shot=True)
                cpus = self._sample(stats) or cpus
        else:
            self._before = None
        config = attrs["HostConfig"]
        self.usage = replace(
            self.usage,
            samples=tuple(self._samples),
            memory_limit=config["Memory"] or None,
            cpu_limit=cpu_limit(config),
            cpus=cpus,
            state=state(attrs["State"]),
        )
        return self.usage

    def _sample(self, stats: Mapping[str, Any]) -> int:
        """Keep what the daemon has counted; gives the number of processors that there are."""
        cpu = stats["cpu_stats"]
        used = cpu["cpu_usage"]["total_usage"]
        moment = datetime.fromisoformat(stats["read"]).timestamp()
        if "usage" in stats["memory_stats"] and self._before and moment > self._before[0]:
            share = (used - self._before[1]) / 1e9 / (moment - self._before[0])
            self._samples.append(Sample(moment, memory(stats["memory_stats"]), max(share, 0.0)))
        self._before = (moment, used)
        return int(cpu.get("online_cpus") or 0)


def memory(stats: Mapping[str, Any]) -> int:
    """The bytes that a container holds: what it can give back at once isn't counted, as in ``docker stats``."""
    details = stats.get("stats", {})
    spare = details.get("inactive_file", details.get("total_inactive_file", 0))
    return int(stats["usage"]) - min(int(spare), int(stats["usage"]))


def cpu_limit(config: Mapping[str, Any]) -> float | None:
    """How many processors' worth of work it may do, or None."""
    if config.get("NanoCpus"):
        return float(config["NanoCpus"]) / 1e9
    if config.get("CpuQuota", 0) > 0:
        return float(config["CpuQuota"] / (config.get("CpuPeriod") or PERIOD))
    return None


def state(about: Mapping[str, Any]) -> str:
    """How it is, in words: it runs, or why it doesn't."""
    if about["Running"]:
        return "paused" if about["Paused"] else "runs"
    if about["Status"] == "created":
        return "never started"
    killed = ", it wanted more memory than it may have" if about["OOMKilled"] else ""
    return f"stopped with exit code {about['ExitCode']}{killed}"


def set_memory(container: Container, limit: float) -> None:
    """Move the limit on memory, and with it the one on memory and swap together, or Docker would refuse."""
    config = container.attrs["HostConfig"]
    swap = config["MemorySwap"] - config["Memory"] if config["MemorySwap"] > 0 < config["Memory"] else limit
    container.update(mem_limit=int(limit), memswap_limit=-1 if config["MemorySwap"] < 0 else int(limit + swap))


def set_cpus(container: Container, cpus: float) -> None:
    """Move the limit on processors, in the form in which it was set at first: Docker takes no other."""
    if not container.attrs["HostConfig"].get("NanoCpus"):
        container.update(cpu_period=PERIOD, cpu_quota=int(cpus * PERIOD))
        return
    client: Any = container.client
    # docker-py's update has no word for --cpus.
    path = client.api._url("/containers/{0}/update", container.id)
    client.api._raise_for_status(client.api._post_json(path, data={"NanoCpus": int(cpus * 1e9)}))
