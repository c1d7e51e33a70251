"""The lessons as a reader sees them: cells of prose and of code, exercises and their folded solutions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

COURSE = Path(__file__).parents[1] / "course"

_FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
#: A term in the midst of a sentence: not at the head of a line or of a list's entry.
_BOLD = re.compile(r"(?<=[a-z,;:)] )\*\*([^*]+)\*\*|(?<=[a-z,;:)]\n)\*\*([^*]+)\*\*")
_BLOCK = re.compile(r"```(python|bash)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """One cell."""

    name: str
    is_code: bool
    source: str

    @property
    def lines(self) -> list[str]:
        """Its lines, empty ones included."""
        return self.source.splitlines()

    @property
    def words(self) -> int:
        """How many words a reader reads in it before unfolding anything."""
        return len(_FOLDED.sub("", self.source).split())


@dataclass(frozen=True)
class Lesson:
    """One notebook."""

    path: Path

    def __str__(self) -> str:
        return self.path.stem

    @cached_property
    def cells(self) -> list[Cell]:
        """All its cells, in order."""
        cells = json.loads(self.path.read_text())["cells"]
        return [Cell(cell["id"], cell["cell_type"] == "code", "".join(cell["source"])) for cell in cells]

    @property
    def code(self) -> list[Cell]:
        """Its cells of code."""
        return [cell for cell in self.cells if cell.is_code]

    @property
    def prose(self) -> list[Cell]:
        """Its cells of prose."""
        return [cell for cell in self.cells if not cell.is_code]

    @property
    def text(self) -> str:
        """All its prose."""
        return "\n\n".join(cell.source for cell in self.prose)

    @property
    def is_second_edition(self) -> bool:
        """Whether it opens with ``drydock.lesson``, as the lessons of the second edition do."""
        return any("drydock.lesson(" in cell.source for cell in self.code)

    @property
    def unfolded(self) -> str:
        """Its prose without what is folded away."""
        return _FOLDED.sub("", self.text)

    @property
    def terms(self) -> list[str]:
        """The terms that its running text sets in bold, each once, in order; labels at a line's head don't count."""
        found = ["".join(pair) for pair in _BOLD.findall(self.unfolded)]
        terms = [" ".join(term.split()) for term in found if not term.endswith((":", ".")) and len(term) < 40]
        return list(dict.fromkeys(terms))

    @property
    def solutions(self) -> list[str]:
        """The code in its folded solutions, as cells that can be run."""
        blocks = [block for folded in _FOLDED.findall(self.text) for block in _BLOCK.findall(folded)]
        return [source if language == "python" else f"%%bash -e\n{source}" for language, source in blocks]


LESSONS = [Lesson(path) for path in sorted(COURSE.glob("*.ipynb"))]
