"""The corpus as a table, attack by attack, with what holds: ``tests.attack_corpus.corpus`` writes it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.attack_corpus.attack import Attack

_HEAD = """\
# Attacks on a grader of notebooks

Each notebook is handed in as work on the assignment `service`, and begins with the line on what it tries. None may
gain a point that it has not earned, end in a trouble of the grader's, or reach anything of the computer that grades;
and what is graded beside and after it gets its own mark. Try them on your grader, too. In some, port 8000 stands for
one of your computer's that must not be reached.

`python -m tests.attack_corpus.corpus --out DIR` writes this folder; `tests/autograder/test_attacks.py` submits it.

| attack | what it tries | what holds | may end as | most points |
| --- | --- | --- | --- | --- |
"""


def page(corpus: Mapping[str, Attack]) -> str:
    """The table and what it is about."""
    return _HEAD + "".join(map(_row, corpus, corpus.values()))


def _row(name: str, attack: Attack) -> str:
    cells = [f"`{name}`", attack.tries, attack.wall, ", ".join(attack.states), f"{attack.most:g}"]
    return f"| {' | '.join(cells)} |\n"
