"""The ledger of the lecture notes: each statement, its verdict, and the cell of a lesson that shows it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

#: The ledger's file in the course's folder.
NAME = "notes.toml"

Verdict = Literal["confirmed", "corrected", "obsolete"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Entry:
    """A statement of the notes, whether it is true, and the lesson and the cell (``proof``) that show it.

    ``lines`` are line numbers of the notes, and ``digests`` those lines' digests. ``source`` names the sources, with
    semicolons between them. ``stand_in`` names what the cell runs in place of a program that a course can't run.
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
    stand_in: str = ""

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Ledger:
    """All entries, the addresses of their sources, and the number of lines and the digest of the notes."""

    lines: int
    digest: str
    sources: dict[str, str]
    entries: list[Entry]

    @property
    def digests(self) -> dict[int, str]:
        """The digest of each line of the notes that an entry covers, by its number."""
        return {line: digest for entry in self.entries for line, digest in zip(entry.lines, entry.digests, strict=True)}

    @property
    def proofs(self) -> set[tuple[str, str, str]]:
        """The lesson, the cell and the id of each entry."""
        return {(entry.lesson, entry.proof, entry.id) for entry in self.entries}

    def by_line(self) -> dict[int, list[Entry]]:
        """Return the entries of each line of the notes, in the order of the lines."""
        lines = sorted(self.digests)
        return {line: [entry for entry in self.entries if line in entry.lines] for line in lines}


def read(course: Path) -> Ledger:
    """Return the ledger of a course folder; an entry with an unknown or a missing field is an error."""
    content = tomllib.loads((course / NAME).read_text(encoding="utf-8"))
    entries = [Entry(**entry) for entry in content["entry"]]
    return Ledger(entries=entries, sources=content["sources"], **content["notes"])
