"""Reads lessons: their Markdown and code cells, their sections and terms."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
#: Bold text that doesn't begin a list item; what ends with a colon or a full stop is a label, and so are these.
_BOLD = re.compile(r"(^- )?\*\*([^*]+)\*\*", re.MULTILINE)
_NAME = re.compile(r"\d\d_\w+\.ipynb")
_LABELS = {"You need", "You will be able to"}


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson."""

    name: str
    is_code: bool
    source: str
    #: The entries of the notes' ledger that the cell proves.
    proves: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """Its lines, empty ones included."""
        return self.source.splitlines()

    @property
    def words(self) -> int:
        """The number of its words outside of folded parts."""
        return len(self.unfolded.split())

    @property
    def unfolded(self) -> str:
        """Its text without the folded parts."""
        return _FOLDED.sub("", self.source)

    @property
    def heading(self) -> str:
        """The heading at its head, or an empty string."""
        return "" if self.is_code or not self.source.startswith("#") else self.lines[0].lstrip("# ")

    @property
    def terms(self) -> list[str]:
        """The bold terms in its text, each once, in order; a bold label is none."""
        matches = [] if self.is_code else _BOLD.findall(self.unfolded)
        bold = [" ".join(text.split()) for begins_item, text in matches if not begins_item and text[-1] not in ":."]
        return list(dict.fromkeys(term for term in bold if term not in _LABELS))


@dataclass(frozen=True)
class Lesson:
    """One lesson: a notebook of the course."""

    path: Path

    def __str__(self) -> str:
        return self.path.stem

    @cached_property
    def cells(self) -> list[Cell]:
        """All its cells in their order."""
        cells = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
        return [
            Cell(
                cell.get("id", ""),
                cell["cell_type"] == "code",
                "".join(cell["source"]),
                tuple(cell["metadata"].get("notes", ())),
            )
            for cell in cells
        ]

    @property
    def number(self) -> str:
        """The digits at the beginning of its name."""
        return self.path.stem.partition("_")[0]

    @property
    def title(self) -> str:
        """The first heading in it; the name of a lesson without any."""
        return next((cell.heading for cell in self.cells if cell.heading), str(self))

    @property
    def sections(self) -> list[tuple[Cell, list[Cell]]]:
        """Each cell with a heading, and the cells below it up to the next one, itself included.

        Cells above the first heading are in no section.
        """
        sections: list[tuple[Cell, list[Cell]]] = []
        for cell in self.cells:
            if cell.heading:
                sections.append((cell, []))
            if sections:
                sections[-1][1].append(cell)
        return sections

    @property
    def code(self) -> list[Cell]:
        """Its code cells."""
        return [cell for cell in self.cells if cell.is_code]

    @property
    def prose(self) -> list[Cell]:
        """Its Markdown cells."""
        return [cell for cell in self.cells if not cell.is_code]

    @property
    def text(self) -> str:
        """The text of all its Markdown cells."""
        return "\n\n".join(cell.source for cell in self.prose)

    @property
    def unfolded(self) -> str:
        """Its text without the folded parts."""
        return _FOLDED.sub("", self.text)

    @property
    def terms(self) -> list[str]:
        """The bold terms in its text, each once, in order."""
        return list(dict.fromkeys(term for cell in self.prose for term in cell.terms))


def lessons(course: Path) -> list[Lesson]:
    """Return the lessons of a course folder in their order; copies such as ``03_ports-Copy1.ipynb`` are none."""
    return [Lesson(path) for path in sorted(course.glob("*.ipynb")) if _NAME.fullmatch(path.name)]
