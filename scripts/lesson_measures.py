"""Figures of lessons, such as words, lines and exercises: ``python -m scripts.lesson_measures`` prints a table."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from scripts.lesson_reader import COURSE, LESSONS, Cell, Lesson

#: Sections at the beginning and the end of a lesson, which run no Docker commands.
_FRAME = ("Recap", "Cheat sheet", "When it goes wrong", "Further reading", "Clean up")
_DOCKER_PY = re.compile(r"\bclient\.|\.(?:reload|attrs|exec_run|logs|stop|start|restart|remove|ports|status|wait)\b")
_CLI = re.compile(r"^\s*(?:\w+ = )?!")


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
    links: int
    sections_without_docker_py: list[str]
    text_before_first_command: str

    @property
    def words_per_code_line(self) -> float:
        """Words of prose for each line of code."""
        return self.words / self.code_lines


def measure(lesson: Lesson) -> Measures:
    """Return the figures of a lesson."""
    cli = [line for cell in lesson.code for line in cli_lines(cell)]
    code = [line for cell in lesson.code for line in _lines(cell)]
    python = [line for cell in lesson.code for line in _lines(cell) if not _is_shell(cell) and not _CLI.match(line)]
    return Measures(
        words=sum(cell.words for cell in lesson.prose),
        code_lines=len(code),
        cli_lines=len(cli),
        docker_py_lines=sum(bool(_DOCKER_PY.search(line)) for line in python),
        exercises=sum(cell.source.startswith("check(") for cell in lesson.code),
        solutions=sum(cell.name.startswith("solution-") for cell in lesson.prose),
        predictions=sum("lesson.predict(" in cell.source for cell in lesson.code),
        recap_questions=_recap_questions(lesson.path.stem),
        links=len(re.findall(r"\]\(https://", lesson.text)),
        sections_without_docker_py=_sections_without_docker_py(lesson),
        text_before_first_command=_before_first_command(lesson),
    )


def cli_lines(cell: Cell) -> list[str]:
    """Return the lines of a cell that a shell runs: all lines of a ``%%bash`` cell, and lines that begin with ``!``."""
    return _lines(cell) if _is_shell(cell) else [line for line in _lines(cell) if _CLI.match(line)]


def _is_shell(cell: Cell) -> bool:
    return any(line.startswith("%%bash") for line in cell.lines[:2])


def _lines(cell: Cell) -> list[str]:
    return [line for line in cell.lines if line.strip() and not line.strip().startswith("#") and line[:2] != "%%"]


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


def main() -> None:
    """Print a table of all lessons."""
    print("| lesson | words | code lines | words a line | CLI | docker-py | exercises | predictions | recap | links |")
    print(f"|---|{'--:|' * 9}")
    for lesson in LESSONS:
        measures = measure(lesson)
        cells = [measures.words, measures.code_lines, f"{measures.words_per_code_line:.1f}", measures.cli_lines]
        cells += [
            measures.docker_py_lines,
            measures.exercises,
            measures.predictions,
            measures.recap_questions,
            measures.links,
        ]
        print(f"| {lesson} | {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
