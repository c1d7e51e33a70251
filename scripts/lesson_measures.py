"""Figures of lessons, such as words, lines and exercises: ``python -m scripts.lesson_measures`` prints two tables.

The columns: words; lines of code; words for a line of code; lines of the command line, and of Python with docker-py;
helper functions; exercises with a check; predictions; questions of the recap; figures that are files; links to other
websites; bold terms. Below the lessons are their sums, and the figures of the first edition.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scripts.lesson_reader import COURSE, LESSONS, Cell, Lesson

#: Sections at the beginning and the end of a lesson, which run no Docker commands.
_FRAME = ("Recap", "Cheat sheet", "When it goes wrong", "Further reading", "Clean up")
_DOCKER_PY = re.compile(r"\bclient\.|\.(?:reload|attrs|exec_run|logs|stop|start|restart|remove|ports|status|wait)\b")
_CLI = re.compile(r"^\s*(?:\w+ = )?!")
_SOLUTION = re.compile(r"```(?:python|bash|dockerfile)\n(.*?)```", re.DOTALL)
_FUNCTION = re.compile(r"^def .*(?:\n(?: .*)?)*", re.MULTILINE)
_TEXT_AND_CODE = ("words", "code", "ratio", "CLI", "Python", "helpers")
_TO_DO = ("exercises", "predictions", "recap", "figures", "links", "terms")
#: Its 44 exercises had no check, and its figures were drawn by cells.
_FIRST_EDITION: dict[str, float] = dict.fromkeys(_TO_DO, 0) | dict(
    zip(_TEXT_AND_CODE, (22_977, 2_344, 9.8, 129, 541, 101), strict=True)
)


@dataclass(frozen=True)
class Measures:
    """The figures of one lesson; words and lines are counted outside of exercises' solutions."""

    words: int
    code_lines: int
    cli_lines: int
    docker_py_lines: int
    exercises: int
    solutions: int
    predictions: int
    recap_questions: int
    figures: int
    links: int
    helpers: list[str]
    terms: int
    mentions_of_the_notes: int
    sections_without_docker_py: list[str]
    text_before_first_command: str
    #: Estimates: 120 words a minute, and 20 seconds to run a cell and look at its output.
    reading_minutes: float
    #: Three minutes an exercise, and 15 seconds for each line of its solution.
    exercise_minutes: float

    @property
    def words_per_code_line(self) -> float:
        """Words of prose for each line of code."""
        return self.words / self.code_lines


def measure(lesson: Lesson) -> Measures:
    """Return the figures of a lesson."""
    cli = [line for cell in lesson.code for line in cli_lines(cell)]
    code = [line for cell in lesson.code for line in _lines(cell)]
    python = [line for cell in lesson.code for line in _lines(cell) if not _is_shell(cell) and not _CLI.match(line)]
    words = sum(cell.words for cell in lesson.prose)
    solutions = [cell.source for cell in lesson.prose if cell.name.startswith("solution-")]
    steps = [cell for cell in lesson.code if not cell.name.startswith(("try-", "check-"))]
    return Measures(
        words=words,
        code_lines=len(code),
        cli_lines=len(cli),
        docker_py_lines=sum(bool(_DOCKER_PY.search(line)) for line in python),
        exercises=sum(cell.source.startswith("check(") for cell in lesson.code),
        solutions=len(solutions),
        predictions=sum("lesson.predict(" in cell.source for cell in lesson.code),
        recap_questions=_recap_questions(lesson.path.stem),
        figures=len(re.findall(r"!\[[^\]]+\]\(figures/", lesson.text)),
        links=len(re.findall(r"\]\(https://", lesson.text)),
        helpers=[body.strip() for cell in lesson.code for body in _FUNCTION.findall(cell.source)],
        terms=len(lesson.terms),
        mentions_of_the_notes=lesson.unfolded.lower().count("the notes"),
        sections_without_docker_py=_sections_without_docker_py(lesson),
        text_before_first_command=_before_first_command(lesson),
        reading_minutes=words / 120 + len(steps) / 3,
        exercise_minutes=3 * len(solutions) + sum(map(_solution_lines, solutions)) / 4,
    )


def cli_lines(cell: Cell) -> list[str]:
    """Return the lines of a cell that a shell runs: all lines of a ``%%bash`` cell, and lines that begin with ``!``."""
    return _lines(cell) if _is_shell(cell) else [line for line in _lines(cell) if _CLI.match(line)]


def _is_shell(cell: Cell) -> bool:
    return any(line.startswith("%%bash") for line in cell.lines[:2])


def _lines(cell: Cell) -> list[str]:
    return [line for line in cell.lines if line.strip() and not line.strip().startswith("#") and line[:2] != "%%"]


def _solution_lines(solution: str) -> int:
    """Return the number of lines of a solution's first block of code."""
    block = _SOLUTION.search(solution)
    return block[1].count("\n") if block else 0


def _recap_questions(lesson: str) -> int:
    file = COURSE / "quizzes" / f"{lesson}.toml"
    questions = tomllib.loads(file.read_text())["question"] if file.is_file() else []
    return sum(question["kind"] == "recap" for question in questions)


def _sections_without_docker_py(lesson: Lesson) -> list[str]:
    sections: list[tuple[str, list[Cell]]] = []
    for cell in lesson.cells:
        if not cell.is_code and cell.source.startswith("## "):
            sections.append((cell.lines[0].removeprefix("## "), []))
        elif cell.is_code and sections:
            sections[-1][1].append(cell)
    running = [(name, cells) for name, cells in sections if any(map(cli_lines, cells)) and name not in _FRAME]
    return [name for name, cells in running if not any(_DOCKER_PY.search(cell.source) for cell in cells)]


def _before_first_command(lesson: Lesson) -> str:
    texts = []
    for cell in lesson.cells:
        if cell.is_code and (cli_lines(cell) or "client." in cell.source):
            break
        texts.append("" if cell.is_code else cell.source)
    return "\n".join(texts)


def tables(lessons: Sequence[Lesson]) -> str:
    """Return the figures of lessons, their sums, and the first edition's figures as two Markdown tables."""
    rows = {str(lesson): _figures(measure(lesson)) for lesson in lessons}
    sums = {name: sum(row[name] for row in rows.values()) for name in (*_TEXT_AND_CODE, *_TO_DO)}
    rows |= {"**all**": sums | {"ratio": sums["words"] / sums["code"]}, "first edition": _FIRST_EDITION}
    return "\n\n".join(_table(rows, columns) for columns in (_TEXT_AND_CODE, _TO_DO))


def _table(rows: Mapping[str, Mapping[str, float]], columns: Sequence[str]) -> str:
    lines = [" | ".join(["lesson", *columns]), f"---{' | --:' * len(columns)}"]
    for name, row in rows.items():
        values = (f"{row[column]:.1f}" if column == "ratio" else str(row[column]) for column in columns)
        lines.append(" | ".join([name, *values]))
    return "\n".join(f"| {line} |" for line in lines)


def _figures(measures: Measures) -> dict[str, float]:
    return {
        "words": measures.words,
        "code": measures.code_lines,
        "ratio": measures.words_per_code_line,
        "CLI": measures.cli_lines,
        "Python": measures.docker_py_lines,
        "helpers": len(measures.helpers),
        "exercises": measures.exercises,
        "predictions": measures.predictions,
        "recap": measures.recap_questions,
        "figures": measures.figures,
        "links": measures.links,
        "terms": measures.terms,
    }


def main() -> None:
    """Print the tables of all lessons."""
    print(tables(LESSONS))


if __name__ == "__main__":
    main()
