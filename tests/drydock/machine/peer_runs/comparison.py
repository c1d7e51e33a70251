"""Compares the results of a suite's tests on a machine with those on this computer's own daemon."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.drydock.machine.edge_probes.daemon import Daemon
from tests.drydock.machine.peer_runs.python_suite import Result

#: Reasons of failures for want of Docker Hub, or of another server on the Internet.
_HUB = re.compile(
    r"dial tcp: lookup|no such host|pull access denied|failed to resolve|plugin .* not found|No such image", re.I
)


class Runner(Protocol):
    """A suite that can be run on a daemon: the named tests, or all but some.

    On a ``shared`` daemon, which other programs use too, tests that prune are left out.
    """

    def run(
        self, daemon: Daemon, *, shared: bool = False, tests: Sequence[str] = (), without: Sequence[str] = ()
    ) -> dict[str, Result]:
        """Return the result of each test."""


@dataclass(frozen=True)
class Row:
    """A test with its results; a side where it was not run has none."""

    test: str
    machine: Result | None
    host: Result | None
    #: How it ended on the machine when it was run a second time, because it had differed.
    again: Result | None = None

    @property
    def note(self) -> str:
        """What the results mean: ``equal``, ``Hub``, ``one side``, ``daemon only``, ``passed again`` or ``differs``."""
        decisive = self.host or self.machine
        if decisive is not None and _HUB.search(decisive.reason):
            return "Hub"
        if self.machine is None or self.host is None:
            return "one side"
        if self.machine.outcome == self.host.outcome:
            return "equal"
        if self.host.outcome == "failed":
            return "daemon only"
        return "passed again" if self.again is not None and self.again.outcome == self.host.outcome else "differs"


def needing_hub(on_host: Mapping[str, Result]) -> list[str]:
    """Return the tests that failed on this computer's daemon for want of the Hub."""
    return [test for test, result in on_host.items() if _HUB.search(result.reason)]


def compare(runner: Runner, machine: Daemon, on_host: Mapping[str, Result]) -> list[Row]:
    """Run a suite on a machine, and again what had another outcome there than on this computer's daemon."""
    on_machine = runner.run(machine, without=needing_hub(on_host))
    rows = [Row(test, on_machine.get(test), on_host.get(test)) for test in sorted({*on_machine, *on_host})]
    differing = [row.test for row in rows if row.note == "differs"]
    again: Mapping[str, Result] = runner.run(machine, tests=differing) if differing else {}
    return [Row(row.test, row.machine, row.host, again.get(row.test)) for row in rows]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the report: the counts, and a row for each test that did not pass on both."""
    counts: dict[str, int] = {}
    for row in rows:
        outcome = _outcome(row.machine or row.host).partition(",")[0]  # of a compose file: the exit code of up
        kind = f"equal: {outcome}" if row.note == "equal" else row.note
        counts[kind] = counts.get(kind, 0) + 1
    yield f"{len(rows)} tests; " + ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    yield "| test | machine | daemon | |\n|---|---|---|---|"
    for row in rows:
        if row.note != "equal" or _outcome(row.machine) == "failed":
            yield f"| {row.test} | {_cell(row.machine)} | {_cell(row.host)} | {row.note} |"


def _outcome(result: Result | None) -> str:
    return result.outcome if result is not None else "not run"


def _cell(result: Result | None) -> str:
    """Return a result as a cell of the table: its outcome, and the first line of its reason."""
    line = result.reason.strip().partition("\n")[0] if result is not None else ""
    return f"{_outcome(result)}: {line[:160]}".replace("|", "\\|") if line else _outcome(result)
