"""The corpus as a table of attacks and the layers that stop them: ``tests.attack_corpus.corpus`` writes it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.attack_corpus.attack import Attack

_HEAD = """\
# Attacks on a grader of notebooks

Each notebook is submitted as work on the assignment `service`, and begins with a line about what it tries. None may
gain a point that it has not earned, end in an error of the grader, or reach anything of the grading computer; and other
submissions graded beside and after it get their own scores. Try them on your grader, too. In some, port 8000 is a port
of your computer that must not be reached.

`python -m tests.attack_corpus.corpus --out DIR` writes this folder; `tests/autograder/test_attacks.py` submits it.

| attack | what it tries | what stops it | may end as | most points |
| --- | --- | --- | --- | --- |
"""


def page(corpus: Mapping[str, Attack]) -> str:
    """The table and what it is about."""
    return _HEAD + "".join(map(_row, corpus, corpus.values()))


def _row(name: str, attack: Attack) -> str:
    cells = [f"`{name}`", attack.tries, attack.layer, ", ".join(attack.states), f"{attack.most:g}"]
    return f"| {' | '.join(cells)} |\n"
