"""Memory and CPU usage of a container over the last minute, and its limits."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docker.models.containers import Container

#: The most samples that are kept; one a second makes a minute.
SAMPLE_COUNT = 60
#: Docker's default for ``--cpu-period``; microseconds.
CPU_PERIOD = 100_000


@dataclass(frozen=True)
class Sample:
    """One measurement: Unix time in seconds, bytes of memory, and CPUs in use (1.0 is one full CPU)."""

    time: float
    memory: int
    cpus: float


@dataclass(frozen=True)
class Usage:
    """A container's samples, its limits (None: no limit) and its state.

    ``cpus`` is the number of CPUs the daemon's host has; ``error`` why a limit could not be changed.
    """

    name: str
    samples: tuple[Sample, ...] = ()
    memory_limit: int | None = None
    cpu_limit: float | None = None
    cpus: int = 1
    state: str = "running"
    error: str = ""


class UsageSampler:
    """Takes samples of a container's usage; ``usage`` has the latest ones."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._samples: deque[Sample] = deque(maxlen=SAMPLE_COUNT)
        self._previous: tuple[float, int] | None = None
        self.usage = Usage(str(container.name))

    def sample(self) -> Usage:
        """Update ``usage``, with a new sample if the container is running.

        Raises docker's ``NotFound`` when the container was removed.
        """
        self._container.reload()
        attrs = self._container.attrs
        cpus = self.usage.cpus
        if attrs["State"]["Running"]:
            with suppress(ValueError):  # some daemons send an empty answer when the container has just exited
                stats: Any = self._container.stats(stream=False, one_shot=True)
                cpus = self._add_sample(stats) or cpus
        else:
            self._previous = None
        config = attrs["HostConfig"]
        self.usage = replace(
            self.usage,
            samples=tuple(self._samples),
            memory_limit=config["Memory"] or None,
            cpu_limit=cpu_limit(config),
            cpus=cpus,
            state=describe_state(attrs["State"]),
        )
        return self.usage

    def _add_sample(self, stats: Mapping[str, Any]) -> int:
        """Add the sample that the daemon's counters give, and return the host's number of CPUs."""
        cpu = stats["cpu_stats"]
        cpu_time = cpu["cpu_usage"]["total_usage"]
        time = datetime.fromisoformat(stats["read"]).timestamp()
        if "usage" in stats["memory_stats"] and self._previous and time > self._previous[0]:
            cpus = (cpu_time - self._previous[1]) / 1e9 / (time - self._previous[0])
            self._samples.append(Sample(time, memory_in_use(stats["memory_stats"]), max(cpus, 0.0)))
        self._previous = (time, cpu_time)
        return int(cpu.get("online_cpus") or 0)


def memory_in_use(stats: Mapping[str, Any]) -> int:
    """Return a container's memory in bytes without its inactive page cache, as ``docker stats`` counts it."""
    details = stats.get("stats", {})
    cache = details.get("inactive_file", details.get("total_inactive_file", 0))
    return int(stats["usage"]) - min(int(cache), int(stats["usage"]))


def cpu_limit(config: Mapping[str, Any]) -> float | None:
    """Return the number of CPUs that a container may use, or None without a limit."""
    if config.get("NanoCpus"):
        return float(config["NanoCpus"]) / 1e9
    if config.get("CpuQuota", 0) > 0:
        return float(config["CpuQuota"] / (config.get("CpuPeriod") or CPU_PERIOD))
    return None


def describe_state(state: Mapping[str, Any]) -> str:
    """Return a container's state in words: "running", "paused", "never started" or how it stopped."""
    if state["Running"]:
        return "paused" if state["Paused"] else "running"
    if state["Status"] == "created":
        return "never started"
    reason = ", killed for exceeding its memory limit" if state["OOMKilled"] else ""
    return f"stopped with exit code {state['ExitCode']}{reason}"


def set_memory_limit(container: Container, limit: float) -> None:
    """Set the memory limit in bytes, and with it the limit of memory and swap, or Docker would refuse."""
    config = container.attrs["HostConfig"]
    swap = config["MemorySwap"] - config["Memory"] if config["MemorySwap"] > 0 < config["Memory"] else limit
    container.update(mem_limit=int(limit), memswap_limit=-1 if config["MemorySwap"] < 0 else int(limit + swap))


def set_cpu_limit(container: Container, cpus: float) -> None:
    """Set the CPU limit by the option that set it first (``--cpus`` or a quota): Docker refuses the other one."""
    if not container.attrs["HostConfig"].get("NanoCpus"):
        container.update(cpu_period=CPU_PERIOD, cpu_quota=int(cpus * CPU_PERIOD))
        return
    client: Any = container.client
    # docker-py's update() has no parameter for --cpus.
    path = client.api._url("/containers/{0}/update", container.id)
    client.api._raise_for_status(client.api._post_json(path, data={"NanoCpus": int(cpus * 1e9)}))
