"""The display while a class is graded: running and last submissions, how many are left and how long they take.

It stays as high as the terminal allows, for five students as for five hundred; elsewhere it is a line for each.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autograder.reporting.tables import COLOURS, missing, points
from autograder.submission import Submission
from autograder.verdict import State, Verdict

_LINES_BESIDE = 7


class ProgressDisplay:
    """Receives each start and each verdict; Rich renders it."""

    def __init__(self, assignment: str, total: int) -> None:
        self.total = total
        self._assignment = assignment
        self._began = time.monotonic()
        self._running: dict[str, tuple[float, int]] = {}
        self._last: deque[Verdict] = deque(maxlen=100)
        self._states: Counter[State] = Counter()
        self._known = 0

    def started(self, submission: Submission, attempt: int) -> None:
        """Somebody's turn began."""
        self._running[submission.student] = (time.monotonic(), attempt)

    def finished(self, verdict: Verdict) -> None:
        """Somebody's verdict is there; without a turn, it was known before."""
        if self._running.pop(verdict.student, None) is None:
            self._known += 1
        self._states[verdict.state] += 1
        self._last.appendleft(verdict)

    @property
    def done(self) -> int:
        """How many verdicts there are."""
        return self._states.total()

    def time_left(self) -> float | None:
        """Seconds, by what was graded so far; None while nothing was."""
        graded = self.done - self._known
        return (time.monotonic() - self._began) / graded * (self.total - self.done) if graded else None

    def line(self, verdict: Verdict) -> str:
        """One verdict where there is no terminal."""
        left = self.time_left()
        until = f", {_duration(left)} left" if left else ""
        place = f"{self.done}/{self.total}"
        return f"{place} {verdict.student}: {verdict.state}, {points(verdict)}, {verdict.seconds:.0f} s{until}"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = max(4, (options.height or console.height) - _LINES_BESIDE)
        rows = Table.grid(padding=(0, 2))
        rows.add_column(min_width=12, max_width=32, no_wrap=True, overflow="ellipsis")
        rows.add_column(min_width=11)
        rows.add_column(justify="right", min_width=7)
        rows.add_column(justify="right", min_width=5)
        rows.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        self._add_running(rows, room // 2)
        for verdict in list(self._last)[: room - min(len(self._running), room // 2)]:
            state = Text(verdict.state, COLOURS[verdict.state])
            seconds = f"{verdict.seconds:.0f} s"
            rows.add_row(Text(verdict.student), state, points(verdict), seconds, Text(missing(verdict), "dim"))
        yield Group(self._head(), self._counts(), Text(), rows)

    def _head(self) -> Table:
        left = self.time_left()
        head = Table.grid(padding=(0, 2))
        head.add_row(
            Text(self._assignment, "bold"),
            ProgressBar(self.total, self.done, width=30),
            f"{self.done} of {self.total}",
            f"{_duration(time.monotonic() - self._began)}" + (f", about {_duration(left)} left" if left else ""),
        )
        return head

    def _counts(self) -> Text:
        known = [(f"known before {self._known}", "dim")] if self._known else []
        states = [(f"{state} {count}", COLOURS[state]) for state, count in self._states.most_common()]
        return Text("   ").join(Text(words, style) for words, style in [*states, *known])

    def _add_running(self, rows: Table, room: int) -> None:
        running = sorted(self._running.items(), key=lambda item: item[1])
        for student, (since, attempt) in running[:room]:
            what = "running" if attempt == 1 else f"try {attempt}"
            rows.add_row(Text(student), Text(what, "cyan"), "", f"{time.monotonic() - since:.0f} s", "")
        if len(running) > room:
            rows.add_row(Text(f"and {len(running) - room} more", "dim"))


@contextmanager
def shown(display: ProgressDisplay, console: Console) -> Iterator[None]:
    """Show a display while this lasts, where there is a terminal."""
    if not console.is_terminal:
        yield
        return
    # Standard output stays what a program may read.
    with Live(display, console=console, refresh_per_second=4, transient=True, redirect_stdout=False):
        yield


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
