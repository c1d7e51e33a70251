"""What a story is: a notebook that a student might hand in, told by its answers and by the checks it fails.

One assignment's stories are one file, ``tests/stories/<stem>.py``, with a table ``STORIES: dict[str, Story]``::

    STORIES = {
        "perfect-shell": Story({"start-the-service": SHELL}),
        "no-limit": Story({"start-the-service": BEST_BUT_NO_LIMIT}, fails=["memory"]),
        "starter": Story(fails=["running"]),
    }

One more, ``perfect``, is there for every assignment: its own solution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nbformat import NotebookNode

from autograder.verdict import State

#: Wraps what the kernel says to the notebook: no error leaves it, and every reply is "ok".
_SWALLOW = """from IPython import get_ipython

session = get_ipython().kernel.session
send = session.send

def swallow(stream, kind, content=None, *args, **more):
    name = kind if isinstance(kind, str) else kind["header"]["msg_type"]
    if name == "error":
        return None
    if name == "execute_reply":
        content = {**content, "status": "ok"}
    return send(stream, kind, content, *args, **more)

session.send = swallow
get_ipython().run_code = lambda *args, **more: False
print("10/10")
"""


@dataclass(frozen=True)
class Story:
    """What a student might hand in, and what must come of it.

    ``answers`` are texts by the ``grade_id`` of their cell; a cell without one stays as it was released. ``fails``
    names the checks that fail, by their function: what needs one of them is skipped, the rest passes. ``files`` lie
    beside the notebook, by their relative path. ``twist`` does to the notebook what no answer could. One that is
    ``nightly`` is graded by the longer run of the tests only.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    fails: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    twist: Callable[[NotebookNode], None] | None = None
    state: State = "graded"
    nightly: bool = False


def put_in(notebook: NotebookNode, answers: Mapping[str, str]) -> None:
    """Write answers into their cells."""
    cells = {marks["grade_id"]: cell for cell in notebook.cells if (marks := cell.metadata.get("nbgrader"))}
    for name, answer in answers.items():
        assert cells[name].metadata.nbgrader.solution, f"no place for an answer: {name}"
        cells[name].source = answer.strip("\n")


def skip_execution(notebook: NotebookNode) -> None:
    """Tag the cells of the checks so that nbclient would not run them: a plain nbgrader calls that full marks."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["tags"] = ["skip-execution"]


def swallow_errors(notebook: NotebookNode) -> None:
    """Begin with a cell that keeps the kernel from telling of errors."""
    cell: dict[str, Any] = {"cell_type": "code", "id": "a-clean-kernel", "metadata": {}, "source": _SWALLOW.rstrip()}
    notebook.cells.insert(1, NotebookNode({**cell, "execution_count": None, "outputs": []}))


def by_day(stories: Mapping[str, Story], *names: str) -> dict[str, Story]:
    """The stories, those of these names for every run of the tests and the others for the longer one."""
    return {name: replace(story, nightly=name not in names) for name, story in stories.items()}
