"""Pairs of submissions with similar answers, apart from what was given out.

A line that was given out, in the notebook or in a file beside it, is no answer. What remains of a submission is
compared with the rest of every other one. A high number is a reason to read both, and no proof: a small task has few
different answers, so the class's median stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from nbformat import NotebookNode
from rapidfuzz import fuzz

from autograder.checks.assignment import Assignment
from autograder.errors import NotReleased
from autograder.execution import sanitize
from autograder.execution.bounded_call import CallFailed, bounded_call
from autograder.submission import Submission

#: Characters of an answer: less says nothing, more is cut off, so that a class is compared in seconds.
_LEAST, _MOST = 60, 20_000


@dataclass(frozen=True)
class Pair:
    """Two students, how similar their answers are in percent, and a few lines that both have."""

    first: str
    second: str
    percent: float
    shared: tuple[str, ...]


@dataclass(frozen=True)
class Similarity:
    """The similar pairs, most similar first; the median of all pairs, and whose answer is too short to compare."""

    pairs: tuple[Pair, ...]
    median: float
    too_short: tuple[str, ...]


def compare(answers: Mapping[str, tuple[str, ...]], least: float) -> Similarity:
    """Compare the lines of each student's answer with everybody's; ``least`` is the least percentage of a pair."""
    texts = {student: "\n".join(lines)[:_MOST] for student, lines in sorted(answers.items())}
    long = {student: text for student, text in texts.items() if len(text) >= _LEAST}
    percents = {pair: fuzz.ratio(long[pair[0]], long[pair[1]]) for pair in combinations(long, 2)}
    pairs = [
        Pair(first, second, percent, _shared(answers[first], answers[second]))
        for (first, second), percent in percents.items()
        if percent >= least
    ]
    by_percent = sorted(pairs, key=lambda pair: (-pair.percent, pair.first, pair.second))
    return Similarity(tuple(by_percent), median(percents.values() or [0.0]), tuple(sorted(set(texts) - set(long))))


def given_out(released: NotebookNode | None, assignment: Assignment) -> frozenset[str]:
    """Return the lines that students got; raises :class:`~autograder.errors.NotReleased`."""
    if released is None:
        raise NotReleased(assignment.name)
    files = [data.decode(errors="ignore") for data in assignment.files.values()]
    texts = [*(cell.source for cell in released.cells), *files]
    return frozenset(line for text in texts for line in lines_of(text))


def answer(submission: Submission, given: frozenset[str]) -> tuple[str, ...]:
    """Return the lines of a submission that were not given out; none of what can't be read."""
    try:
        prose = bounded_call(_sources, submission.notebook)
    except CallFailed:
        prose = ""
    files = [data.decode(errors="ignore") for _, data in sorted(submission.files.items()) if b"\0" not in data]
    texts = [prose, *files]
    return tuple(line for text in texts for line in lines_of(text) if line not in given)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text without indentation and repeated blanks; those of a few characters say nothing."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if len(line) > 3]


def _sources(notebook: bytes) -> str:
    return "\n".join(cell.source for cell in sanitize.read(notebook).cells)


def _shared(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    both = set(first) & set(second)
    return tuple(sorted(both, key=len, reverse=True)[:3])
