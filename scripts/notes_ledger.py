"""Checks of the notes' ledger, and its figures: ``python -m scripts.notes_ledger`` prints them as Markdown tables."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from drydock.learn.pages import ledger
from drydock.learn.pages.ledger import VERDICTS, Entry
from scripts.lesson_reader import COURSE, LESSONS, Cell, Lesson

__all__ = ["VERDICTS", "Entry"]

#: The notes are not in the repository; a copy may be in a folder beside it.
NOTES = COURSE.parents[1] / "shared" / "notes.txt"

#: The docker commands that the notes name without the word docker.
_COMMANDS = (
    "attach build commit exec images inspect kill login logs network port ps pull push rm rmi run search tag".split()
)
_IF_MACHINE = "%%if_machine"


def read() -> ledger.Ledger:
    """Return the ledger of this checkout."""
    return ledger.read(COURSE)


def line_digests(notes: str) -> dict[int, str]:
    """Return the digest of each line of the notes that is not empty, by its number."""
    lines = enumerate(notes.splitlines(), 1)
    return {number: _sha256(line.strip())[:8] for number, line in lines if line.strip()}


def total_digest(digests: Mapping[int, str]) -> str:
    """Return one digest of all line digests: it changes when a line is added, removed or changed."""
    return _sha256("".join(f"{number} {digest}\n" for number, digest in sorted(digests.items())))[:16]


def proofs_in_cells(lessons: Iterable[Lesson]) -> set[tuple[str, str, str]]:
    """Return the lesson, the cell and the entry of each proof, from the metadata of the lessons' cells."""
    return {(str(lesson), cell.name, entry) for lesson in lessons for cell in lesson.cells for entry in cell.proves}


def proof_of(entry: Entry) -> Cell:
    """Return the cell that proves an entry."""
    cells = {(str(lesson), cell.name): cell for lesson in LESSONS for cell in lesson.cells}
    return cells[entry.lesson, entry.proof]


def is_proof(cell: Cell) -> bool:
    """Return whether a cell can prove a statement: it is code with an assertion or an expected error.

    The assertions of a ``%%bash -e`` cell are ``test`` and ``grep -q``.
    """
    shell = cell.source.startswith("%%bash -e") and re.search(r"\b(test|grep -q) ", cell.source)
    return cell.is_code and bool("assert " in cell.source or cell.source.startswith("%%expect ") or shell)


def missing_words(entry: Entry, cell: Cell) -> list[str]:
    """Return the commands and options of an entry's statement that its proof doesn't run.

    ``-ti`` doesn't count, since a command whose output a cell keeps has no terminal. A command of docker-machine is
    shown with the same one of ``drydock machine``.
    """
    return [words for words in _claimed(entry) if not re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", cell.source)]


def _claimed(entry: Entry) -> Iterator[str]:
    for span in re.findall(r"`([^`]+)`", entry.statement):
        first, *rest = span.removeprefix("docker ").split()
        if first in _COMMANDS:
            yield f"docker {first}"
        elif first == "docker-machine" and rest and entry.stand_in:
            yield f"drydock machine {rest[0]}"
        elif first == "iptables":
            yield span
        if first in _COMMANDS or first.startswith("-"):
            yield from (
                word.partition("=")[0] for word in [first, *rest] if re.fullmatch(r"--?[a-z].*", word) and word != "-ti"
            )


def verdicts_table(entries: Sequence[Entry]) -> str:
    """Return a table: a row for each lesson with the number of entries of each verdict, and a row of sums."""
    counts = Counter((entry.lesson, entry.verdict) for entry in entries)
    lessons = sorted({entry.lesson for entry in entries})
    rows = [_row(lesson, [counts[lesson, verdict] for verdict in VERDICTS]) for lesson in lessons]
    totals = Counter(entry.verdict for entry in entries)
    sums = _row("**all**", [totals[verdict] for verdict in VERDICTS])
    heads = " | ".join(["lesson", *VERDICTS, "entries"])
    return "\n".join([f"| {heads} |", f"|---{'|--:' * (len(VERDICTS) + 1)}|", *rows, sums])


def engines_table(entries: Sequence[Entry]) -> str:
    """Return a table of how many entries are shown with each engine.

    A cell with ``%%if_machine`` says where no machine can be started that it isn't run. Without any Docker the first
    cell of a lesson says what is missing, and nothing is shown.
    """
    anywhere = [entry for entry in entries if not proof_of(entry).source.startswith(_IF_MACHINE)]
    rows: list[tuple[str, Sequence[Entry]]] = [
        ("a Drydock machine", entries),
        ("this computer's Docker, and machines can be started", entries),
        ("this computer's Docker, and no machine can be started", anywhere),
        ("no Docker", []),
    ]
    lines = ["| engine | shown | of these with a stand-in | not shown there |", "|---|--:|--:|--:|"]
    for name, shown in rows:
        stand_ins = sum(bool(entry.stand_in) for entry in shown)
        lines.append(f"| {name} | {len(shown)} | {stand_ins} | {len(entries) - len(shown)} |")
    return "\n".join(lines)


def _row(name: str, numbers: list[int]) -> str:
    return f"| {name} | " + " | ".join(map(str, [*numbers, sum(numbers)])) + " |"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main() -> None:
    """Print the figures of this course's ledger."""
    notes = read()
    without = [entry.id for entry in notes.entries if missing_words(entry, proof_of(entry))]
    print(f"{len(notes.by_line())} of {notes.lines} lines have an entry; {len(notes.entries)} entries.")
    print(f"Proofs without an assertion: {sum(not is_proof(proof_of(entry)) for entry in notes.entries)}.")
    print(f"Proofs without the command or an option of their claim: {len(without)}{': ' if without else ''}", end="")
    print(f"{', '.join(without)}.\n\n{engines_table(notes.entries)}\n\n{verdicts_table(notes.entries)}")


if __name__ == "__main__":
    main()
