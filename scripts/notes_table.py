"""The verdicts on the lecture notes, counted by lesson, as a Markdown table: ``python -m scripts.notes_table``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scripts.notes_ledger import VERDICTS, Entry, read


def table(entries: Sequence[Entry]) -> str:
    """Return the table: a row for each lesson with the number of entries of each verdict, and a row of sums."""
    counts = Counter((entry.lesson, entry.verdict) for entry in entries)
    lessons = sorted({entry.lesson for entry in entries})
    rows = [_row(lesson, [counts[lesson, verdict] for verdict in VERDICTS]) for lesson in lessons]
    totals = Counter(entry.verdict for entry in entries)
    sums = _row("**all**", [totals[verdict] for verdict in VERDICTS])
    heads = " | ".join(["lesson", *VERDICTS, "entries"])
    return "\n".join([f"| {heads} |", f"|---{'|--:' * (len(VERDICTS) + 1)}|", *rows, sums])


def _row(name: str, numbers: list[int]) -> str:
    return f"| {name} | " + " | ".join(map(str, [*numbers, sum(numbers)])) + " |"


def main() -> None:
    """Print the table of this course's ledger."""
    print(table(read().entries))


if __name__ == "__main__":
    main()
