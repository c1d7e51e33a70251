"""Run an application in production: a proxy, a program and a database with limits, few rights and lasting data."""

from __future__ import annotations

from autograder.checks.assignment import Assignment
from autograder.execution.kernel_container import Limits

from .access_checks import apart, published, secret
from .failure_checks import healthy, killed, load, renewed
from .limit_checks import confined, limits, logs, pids, users
from .running_checks import running, stores

assignment = Assignment(
    [
        running,
        stores,
        published,
        apart,
        secret,
        limits,
        pids,
        logs,
        confined,
        users,
        healthy,
        killed,
        load,
        renewed,
    ],
    # Three images are built and three services become healthy in one cell: minutes on a computer that grades a class.
    limits=Limits(cell_seconds=240, total_seconds=480),
)
