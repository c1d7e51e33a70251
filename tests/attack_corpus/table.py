"""The corpus as a page: how many attacks each family has, and for each attack what it tries and what stops it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tests.attack_corpus.arriving import Arrival
from tests.attack_corpus.attack import Attack

_HEAD = """\
# Attacks on a grader of notebooks

Each notebook is submitted as work on the assignment `service`, and begins with a line about what it tries. None may
gain a point that it has not earned, end in an error of the grader, or reach anything of the grading computer; and other
submissions graded beside and after it get their own scores. Try them on your grader, too. In some, port 8000 is a port
of your computer that must not be reached. The last family consists of uploads and folders instead of notebooks.

`python -m tests.attack_corpus.corpus` prints this page, and with `--out DIR` writes it and the notebooks into a folder.
`tests/autograder/test_attacks.py` submits the notebooks, `tests/autograder/gradebook/test_arriving_attacks.py` collects
the uploads.

"""
_ATTACKS = """
| attack | what it tries | what stops it | may end as | most points |
| --- | --- | --- | --- | --- |
"""
_ARRIVALS = """
| upload | what it tries | what stops it |
| --- | --- | --- |
"""


def page(corpus: Mapping[str, Attack], arrivals: Mapping[str, Arrival]) -> str:
    """Return the page."""
    rows = _counts({**corpus, **{f"arriving/{name}": arrival for name, arrival in arrivals.items()}})
    rows += [_ATTACKS, *map(_row, corpus, corpus.values()), _ARRIVALS]
    rows += [f"| `{name}` | {arrival.tries} | {arrival.layer} |\n" for name, arrival in arrivals.items()]
    return _HEAD + "".join(rows)


def _counts(attacks: Mapping[str, Attack | Arrival]) -> list[str]:
    """Return a table of the families, with how many attacks each has, and how many of these combine others."""
    families = Counter(name.partition("/")[0] for name in attacks)
    combined = Counter(name.partition("/")[0] for name, attack in attacks.items() if attack.combined)
    rows = [f"| {family} | {number} | {combined[family]} |\n" for family, number in families.items()]
    total = f"| all | {families.total()} | {combined.total()} |\n"
    return ["| family | attacks | of them combine others |\n| --- | --- | --- |\n", *rows, total]


def _row(name: str, attack: Attack) -> str:
    cells = [f"`{name}`", attack.tries, attack.layer, ", ".join(attack.states), f"{attack.most:g}"]
    return f"| {' | '.join(cells)} |\n"
