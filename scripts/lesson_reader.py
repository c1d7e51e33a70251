"""Reads lessons for tests and scripts: their Markdown and code cells, and their terms."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

COURSE = Path(__file__).parents[1] / "course"

_FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
#: A bold term within a sentence: not at the beginning of a line or of a list item.
_BOLD = re.compile(r"(?<=[a-z,;:)] )\*\*([^*]+)\*\*|(?<=[a-z,;:)]\n)\*\*([^*]+)\*\*")


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson."""

    name: str
    is_code: bool
    source: str

    @property
    def lines(self) -> list[str]:
        """Its lines, empty ones included."""
        return self.source.splitlines()

    @property
    def words(self) -> int:
        """The number of its words outside of folded parts."""
        return len(_FOLDED.sub("", self.source).split())


@dataclass(frozen=True)
class Lesson:
    """One lesson: a notebook of the course."""

    path: Path

    def __str__(self) -> str:
        return self.path.stem

    @cached_property
    def cells(self) -> list[Cell]:
        """All its cells in their order."""
        cells = json.loads(self.path.read_text())["cells"]
        return [Cell(cell["id"], cell["cell_type"] == "code", "".join(cell["source"])) for cell in cells]

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
        """The bold terms in its text, each once, in order; bold labels at the beginning of a line don't count."""
        candidates = ["".join(pair) for pair in _BOLD.findall(self.unfolded)]
        terms = [" ".join(term.split()) for term in candidates if not term.endswith((":", ".")) and len(term) < 40]
        return list(dict.fromkeys(terms))


LESSONS = [Lesson(path) for path in sorted(COURSE.glob("*.ipynb"))]
