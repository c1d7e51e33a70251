"""The corpus: every attack by family and name, and the notebook of each, made in memory.

``python -m tests.attack_corpus.corpus`` prints a page about them. With ``--out DIR`` it writes them as
``<family>/<name>.ipynb`` for people who want to try them on another grader, each beginning with a line on what it
tries. Bytes that are no notebook get such a name, too.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

from nbformat import NotebookNode

from autograder.execution import sanitize
from autograder.submission import Submission
from tests.attack_corpus import (
    breaking,
    building,
    escaping,
    forging,
    hiding,
    leaving,
    parsing,
    preparing,
    reading,
    sending,
    starting,
)
from tests.attack_corpus.arriving import ARRIVALS
from tests.attack_corpus.attack import Attack
from tests.attack_corpus.table import page
from tests.fixtures.case import put_in
from tests.fixtures.notebooks import released

ASSIGNMENT = "service"
FAMILIES = {
    module.__name__.rpartition(".")[2]: module.ATTACKS
    for module in (
        forging, preparing, reading, breaking, sending, leaving, hiding, parsing, escaping, starting, building,
    )
}  # fmt: skip


def corpus() -> dict[str, Attack]:
    """Every attack by ``family/name``."""
    return {f"{family}/{name}": attack for family, attacks in FAMILIES.items() for name, attack in attacks.items()}


def written(attack: Attack) -> bytes:
    """Return the notebook, or what is submitted instead."""
    if attack.raw is not None:
        return attack.raw
    notebook = copy.deepcopy(released(ASSIGNMENT))
    notebook.cells.insert(0, _line(attack.tries))
    put_in(notebook, {"start-the-service": attack.code.replace("{port}", "8000") or "pass"})
    if attack.twist:
        attack.twist(notebook)
    data = (sanitize.text(notebook) + "\n").encode()
    return attack.rewrite(data) if attack.rewrite else data


def submission(name: str, attack: Attack, port: int) -> Submission:
    """Return the attack as a submission; ``port`` is a port of this computer that it may try to reach."""
    work = written(attack) if attack.raw is not None else written(attack).replace(b", 8000)", b", %d)" % port)
    return Submission(name.replace("/", "-"), ASSIGNMENT, work, dict(attack.files))


def _line(text: str) -> NotebookNode:
    return NotebookNode(cell_type="markdown", id="what-it-tries", metadata=NotebookNode(), source=text)


def write(folder: Path) -> None:
    """Write all of them, and a page that lists them, into a folder."""
    for name, attack in corpus().items():
        file = folder / f"{name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written(attack))
    (folder / "README.md").write_text(page(corpus(), ARRIVALS))


def main() -> None:
    """Print the page about the corpus, or write all of it where the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack_corpus.corpus", description=__doc__)
    parser.add_argument("--out", type=Path, metavar="DIR")
    folder = parser.parse_args().out
    write(folder) if folder else print(page(corpus(), ARRIVALS), end="")


if __name__ == "__main__":
    main()
