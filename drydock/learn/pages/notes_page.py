"""The page of the lecture notes: each line with its verdict, the reason, the cell that shows it, and the sources."""

from __future__ import annotations

from collections.abc import Sequence

from drydock.learn.pages.ledger import VERDICTS, Entry, Ledger
from drydock.learn.pages.lesson_notebook import Lesson

NAME = "notes.md"
_OPENING = """\
# The lecture notes, line by line

This course began as a page of lecture notes from 2016. Here is what each of their {lines} lines says, retold, and
whether it is true today. For each verdict there is a cell of a lesson that shows it. Where a cell runs something else
in place of what a course can't run, its name is there. The lessons don't need this page.

**Confirmed**: true as it stands, though there may be more to say. **Corrected**: wrong, or misleading. **Obsolete**:
true in 2016; something else has taken its place. There are {entries} statements: {counts}.
"""


def text(ledger: Ledger, lessons: Sequence[Lesson]) -> str:
    """Return the page as Markdown; each line of the notes is a heading, so that a lesson can link to it."""
    titles = {str(lesson): f"{lesson.number} {lesson.title}" for lesson in lessons}
    numbers = [sum(entry.verdict == verdict for entry in ledger.entries) for verdict in VERDICTS]
    counts = ", ".join(f"{number} {verdict}" for number, verdict in zip(numbers, VERDICTS, strict=True))
    parts = [_OPENING.format(lines=ledger.lines, entries=len(ledger.entries), counts=counts)]
    section = ""
    shown: dict[str, int] = {}
    for line, entries in ledger.by_line().items():
        if entries[0].section != section:
            section = entries[0].section
            parts.append(f"## {section}\n")
        parts.append(f"### line {line}\n")
        texts = []
        for entry in entries:
            if entry.id in shown:
                reason = f"See [line {shown[entry.id]}](#line-{shown[entry.id]})."
            else:
                shown[entry.id] = line
                reason = _reason(entry, titles[entry.lesson], ledger.sources)
            texts.append(f"{entry.statement.rstrip('.')}. {reason}")
        parts.append("\n".join(f"- {text}" for text in texts) if len(texts) > 1 else texts[0])
        parts.append("")
    return "\n".join(parts)


def sources(entry: Entry) -> list[str]:
    """Return the names of an entry's sources."""
    return entry.source.split("; ")


def _reason(entry: Entry, title: str, addresses: dict[str, str]) -> str:
    cell = f"[{title}]({entry.lesson}.ipynb#cell-id={entry.proof})"
    shown = f"Shown with {entry.stand_in} in {cell}." if entry.stand_in else f"Shown in {cell}."
    links = "; ".join(f"[{name}]({addresses[name]})" if addresses[name] else name for name in sources(entry))
    return f"**{entry.verdict.capitalize()}.** {entry.today} {shown} Source: {links}."
