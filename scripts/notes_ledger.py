"""The notes ledger: each statement of the lecture notes, its verdict, and the cell that proves it."""

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

#: The notes are not in the repository; a copy may be in a folder beside it.
NOTES = COURSE.parents[1] / "shared" / "notes.txt"

Verdict = Literal["confirmed", "corrected", "obsolete"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Entry:
    """A statement of the notes, whether it is true, and the lesson and the cell (``proof``) that show it.

    ``lines`` are line numbers of the notes, and ``digests`` those lines' digests.
    """

    id: str
    section: str
    lines: list[int]
    digests: list[str]
    statement: str
    verdict: Verdict
    today: str
    source: str
    lesson: str
    proof: str

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Ledger:
    """All entries, and the number of lines and the digest of the notes that they were made from."""

    lines: int
    digest: str
    entries: list[Entry]

    @property
    def digests(self) -> dict[int, str]:
        """The digest of each line of the notes that an entry covers, by its number."""
        return {line: digest for entry in self.entries for line, digest in zip(entry.lines, entry.digests, strict=True)}

    @property
    def proofs(self) -> set[tuple[str, str, str]]:
        """The lesson, the cell and the entry of each proof."""
        return {(entry.lesson, entry.proof, entry.id) for entry in self.entries}


def read(path: Path = LEDGER) -> Ledger:
    """Return the ledger in a file; an entry with an unknown or a missing field is an error."""
    content = tomllib.loads(path.read_text())
    return Ledger(entries=[Entry(**entry) for entry in content["entry"]], **content["notes"])


def line_digests(notes: str) -> dict[int, str]:
    """Return the digest of each line of the notes that is not empty, by its number."""
    lines = enumerate(notes.splitlines(), 1)
    return {number: _sha256(line.strip())[:8] for number, line in lines if line.strip()}


def total_digest(digests: Mapping[int, str]) -> str:
    """Return one digest of all line digests: it changes when a line is added, removed or changed."""
    return _sha256("".join(f"{number} {digest}\n" for number, digest in sorted(digests.items())))[:16]


def proofs_in_cells(lessons: Iterable[Path]) -> set[tuple[str, str, str]]:
    """Return the lesson, the cell and the entry of each proof, from the metadata of the lessons' cells."""
    return {
        (lesson.stem, str(cell["id"]), str(entry))
        for lesson in lessons
        for cell in cells(lesson)
        for entry in cell["metadata"].get("notes", ())
    }


def cells(lesson: Path) -> Iterator[dict[str, Any]]:
    """Yield the cells of a lesson as JSON values."""
    yield from json.loads(lesson.read_text())["cells"]


def is_proof(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell can prove a statement: it is code with an assertion or an expected error.

    The assertions of a ``%%bash -e`` cell are ``test`` and ``grep -q``.
    """
    source = "".join(cell["source"])
    shell = source.startswith("%%bash -e") and re.search(r"\b(test|grep -q) ", source)
    return cell["cell_type"] == "code" and bool("assert " in source or source.startswith("%%expect ") or shell)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
