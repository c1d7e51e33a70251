"""How the notes fared, lecture by lecture, as a table for the README: ``python -m scripts.notes_table``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scripts.notes_ledger import VERDICTS, Entry, read

_HEADS = {"holds": "hold", "corrected": "are corrected", "history": "are history"}


def table(entries: Sequence[Entry]) -> str:
    """A Markdown table: of each lecture's entries, how many hold, are corrected and are history; at last, of all."""
    counts = Counter((entry.lecture, entry.verdict) for entry in entries)
    lectures = sorted({entry.lecture for entry in entries})
    rows = [_row(lecture, [counts[lecture, verdict] for verdict in VERDICTS]) for lecture in lectures]
    totals = Counter(entry.verdict for entry in entries)
    last = _row("**all**", [totals[verdict] for verdict in VERDICTS])
    heads = " | ".join(["lecture", *(_HEADS[verdict] for verdict in VERDICTS), "entries"])
    return "\n".join([f"| {heads} |", f"|---{'|--:' * (len(VERDICTS) + 1)}|", *rows, last])


def _row(name: str, numbers: list[int]) -> str:
    return f"| {name} | " + " | ".join(map(str, [*numbers, sum(numbers)])) + " |"


def main() -> None:
    """Print the table for the ledger of this course."""
    print(table(read().entries))


if __name__ == "__main__":
    main()
