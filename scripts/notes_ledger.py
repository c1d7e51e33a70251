"""The ledger of the notes: each line of them, what became of it, and the cell that proves it."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from scripts.lesson_reader import COURSE

LEDGER = COURSE / "notes.toml"

#: The notes themselves aren't part of the repository; they may lie beside it.
BESIDE = COURSE.parents[1] / "shared" / "notes.txt"

Verdict = Literal["holds", "corrected", "history"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Entry:
    """What one line of the notes says, whether it's true, and which cell of which lecture shows that."""

    id: str
    section: str
    lines: list[int]
    marks: list[str]
    says: str
    verdict: Verdict
    today: str
    source: str
    lecture: str
    proof: str

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Ledger:
    """All entries, and the fingerprint of the notes they were made from."""

    lines: int
    mark: str
    entries: list[Entry]

    @property
    def marks(self) -> dict[int, str]:
        """The fingerprint of each line of the notes that an entry stands for."""
        return {line: mark for entry in self.entries for line, mark in zip(entry.lines, entry.marks, strict=True)}

    @property
    def claims(self) -> set[tuple[str, str, str]]:
        """Which lecture's which cell proves which entry, as the ledger has it."""
        return {(entry.lecture, entry.proof, entry.id) for entry in self.entries}


def read(path: Path = LEDGER) -> Ledger:
    """The ledger in a file. An entry with a field too many or too few is an error."""
    content = tomllib.loads(path.read_text())
    return Ledger(entries=[Entry(**entry) for entry in content["line"]], **content["notes"])


def fingerprints(notes: str) -> dict[int, str]:
    """The fingerprint of each line of the notes that says anything, by its number."""
    lines = enumerate(notes.splitlines(), 1)
    return {number: _digest(line.strip())[:8] for number, line in lines if line.strip()}


def whole(marks: Mapping[int, str]) -> str:
    """One fingerprint for all of them: it changes when a line is missing, or is another."""
    return _digest("".join(f"{number} {mark}\n" for number, mark in sorted(marks.items())))[:16]


def claimed(lectures: Iterable[Path]) -> set[tuple[str, str, str]]:
    """Which lecture's which cell proves which entry, as the cells' metadata have it."""
    return {
        (lecture.stem, str(cell["id"]), str(entry))
        for lecture in lectures
        for cell in cells(lecture)
        for entry in cell["metadata"].get("notes", ())
    }


def cells(lecture: Path) -> Iterator[dict[str, Any]]:
    """The cells of a lecture as its file has them."""
    yield from json.loads(lecture.read_text())["cells"]


def proves(cell: Mapping[str, Any]) -> bool:
    """Whether a cell can prove something: it's code, with an assertion or a failure on purpose.

    A ``%%bash -e`` cell asserts with ``test`` or ``grep -q``.
    """
    source = "".join(cell["source"])
    shell = source.startswith("%%bash -e") and re.search(r"\b(test|grep -q) ", source)
    return cell["cell_type"] == "code" and bool("assert " in source or source.startswith("%%expect ") or shell)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
