"""Exercises of the lesson *Limit memory and processor, and restart what fails*."""

from __future__ import annotations

from typing import Any

from docker.models.containers import Container

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from drydock.learn.daemon_objects import existing_container, running_container
from drydock.learn.exercises import exercise

_MB = 1024 * 1024


@exercise(
    "The command is as for `small`: in the background, with a name, with a limit.",
    "`--memory` takes a number and a letter, such as `32m`.",
)
def memory(context: CheckContext) -> None:
    """Container `cabin` runs, and may use at most 64 MB of memory."""
    _limited(running_container(context, "cabin"), 64)


@exercise(
    "How much memory do 60,000,000 letters need? And Python itself needs some, too.",
    "Remove `report`, then run it again with a limit between 80 MB and 128 MB.",
    patience=10,
)
def enough(context: CheckContext) -> None:
    """Container `report` has ended with 0, with a memory limit of at most 128 MB."""
    report = existing_container(context, "report")
    if report.status != "exited":
        raise Failed(f"`report` is {report.status}.", hint="It should have ended by itself.")
    limit = _config(report)["Memory"]
    if not 0 < limit <= 128 * _MB:
        seen = f"The limit of `report` is {limit // _MB} MB." if limit else "`report` has no memory limit."
        raise Failed(seen, hint="It should be at most 128 MB.")
    code = report.attrs["State"]["ExitCode"]
    if code:
        raise Failed(f"`report` ended with {code}.", hint="137 with a memory limit: what killed it?")
    if b"60000000" not in report.logs(tail=5):
        raise Failed("`report` did not print 60000000.", hint="Run the same Python command, only with another limit.")


@exercise("One option takes the number of processors.", "`--cpus` takes a decimal number: 0.5 is a half.")
def quarter(context: CheckContext) -> None:
    """Container `quarter` runs, and may use a quarter of a processor."""
    config = _config(running_container(context, "quarter"))
    quota, period = config["CpuQuota"], config["CpuPeriod"] or 100_000
    cpus = config["NanoCpus"] / 1e9 or max(quota, 0) / period
    if not cpus:
        shares = config["CpuShares"]
        raise Failed(
            f"`quarter` has {shares} shares, and no limit." if shares else "`quarter` has no limit.",
            hint="Which option is a limit also for a container that is alone?",
        )
    if abs(cpus - 0.25) > 0.001:
        raise Failed(f"`quarter` may use {cpus:g} processors.", hint="A quarter is 0.25.")


@exercise(
    "Which policy starts a container again only after an error?",
    "The number of tries stands after a colon: `--restart on-failure:N`.",
    patience=15,
)
def retry(context: CheckContext) -> None:
    """Container `retry` has failed, was started again twice, and failed for good."""
    container = existing_container(context, "retry")
    count, code = container.attrs["RestartCount"], container.attrs["State"]["ExitCode"]
    if count != 2 or container.status != "exited":
        raise Failed(
            f"`retry` is {container.status}; Docker has started it again {count} times.",
            hint="How many tries does its policy allow?",
        )
    if not code:
        raise Failed("`retry` ended with 0: it didn't fail.", hint="Its command is `false`.")


@exercise(
    "It needs four options: background and name, and one each for memory, processes and restarts.",
    "Compare `always` and `unless-stopped` in the figure of the restart policies.",
)
def lasting(context: CheckContext) -> None:
    """Container `lasting` runs with 64 MB, 20 processes, and comes back unless somebody has stopped it."""
    container = running_container(context, "lasting")
    _limited(container, 64)
    processes = _config(container)["PidsLimit"]
    if processes != 20:
        raise Failed(f"The limit of processes is {processes or 'not set'}.", hint="It should be 20.")
    policy = _config(container)["RestartPolicy"]["Name"] or "no"
    if policy != "unless-stopped":
        raise Failed(
            f"Its restart policy is `{policy}`.",
            hint="After which events does that policy start a container? See the figure.",
        )


@exercise(
    "`docker update` changes limits and the restart policy of a container that exists.",
    "Where the kernel can limit swap, Docker wants `--memory-swap` together with `--memory`.",
)
def change(context: CheckContext) -> None:
    """Container `free` has a limit of 100 MB and starts again on failure, and is still the same container."""
    container = running_container(context, "free")
    small = context.container("small")
    if small is not None and container.attrs["Created"] > small.attrs["Created"]:
        raise Failed("`free` is newer than `small`: it was replaced.", hint="Run the lesson again from its beginning.")
    _limited(container, 100)
    policy = _config(container)["RestartPolicy"]["Name"] or "no"
    if policy != "on-failure":
        raise Failed(f"Its restart policy is `{policy}`.", hint="`docker update` has an option for that, too.")


exercises = [memory, enough, quarter, retry, lasting, change]


def _config(container: Container) -> dict[str, Any]:
    config: dict[str, Any] = container.attrs["HostConfig"]
    return config


def _limited(container: Container, megabytes: int) -> None:
    """Raise ``Failed`` unless the container has exactly this memory limit."""
    limit = _config(container)["Memory"]
    if limit != megabytes * _MB:
        seen = f"{limit / _MB:g} MB" if limit else "not set"
        raise Failed(f"The memory limit of `{container.name}` is {seen}.", hint=f"It should be {megabytes} MB.")
