"""The corpus: every attack by family and name, and the notebooks made of them: ``python -m tests.hostile.corpus``.

They are kept in git in ``tests/attacks/<family>/<name>.ipynb``, each beginning with a line on what it tries, for
whoever wants to try them on another grader. Bytes that are no notebook have the same name all the same.
"""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

from nbformat import NotebookNode

from autograder import notebook
from autograder.submission import Submission
from tests.hostile import breaking, forging, hiding, reading
from tests.hostile.attack import Attack
from tests.hostile.table import page
from tests.stories.story import put_in
from tests.stories.write import released

ATTACKS = Path(__file__).parents[1] / "attacks"
STEM = "service"
#: Bytes that a program makes better than git keeps them.
_LARGE = 1 << 16


def corpus() -> dict[str, Attack]:
    """Every attack by ``family/name``."""
    families = {"forging": forging, "reading": reading, "breaking": breaking, "hiding": hiding}
    return {f"{family}/{name}": one for family, module in families.items() for name, one in module.ATTACKS.items()}


def written(attack: Attack) -> bytes:
    """The notebook, or what is handed in instead."""
    if attack.raw is not None:
        return attack.raw
    told = copy.deepcopy(released(STEM))
    told.cells.insert(0, _line(attack.tries))
    put_in(told, {"start-the-service": attack.code.replace("{port}", "8000") or "pass"})
    if attack.twist:
        attack.twist(told)
    return (notebook.text(told) + "\n").encode()


def submission(name: str, attack: Attack, port: int) -> Submission:
    """The attack as it is handed in; ``port`` is one of this computer's that it may try to reach."""
    work = written(attack) if attack.raw is not None else written(attack).replace(b", 8000)", b", %d)" % port)
    return Submission(name.replace("/", "-"), STEM, work, dict(attack.files))


def _line(text: str) -> NotebookNode:
    return NotebookNode(cell_type="markdown", id="what-it-tries", metadata=NotebookNode(), source=text)


def write() -> None:
    """Write all of them anew."""
    shutil.rmtree(ATTACKS, ignore_errors=True)
    for name, attack in corpus().items():
        data = written(attack)
        if len(data) <= _LARGE or attack.raw is None:
            file = ATTACKS / f"{name}.ipynb"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    (ATTACKS / "README.md").write_text(page(corpus()))


if __name__ == "__main__":
    write()
