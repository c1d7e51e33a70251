"""Runs in the pod: how long after its start JupyterLab answers, Docker answers, and a first cell has an output.

``measure.py SECONDS`` takes the time of the pod's start and prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import nbformat
from nbclient import NotebookClient

from drydock.core import ping
from drydock.core.waiting import wait_for
from drydock.errors import DrydockError
from drydock.machine import Machine

LONGEST = 120
FIRST = Path("course/00_first_run.ipynb")


def main(began: float) -> None:
    """Look at all three at once, as a student's browser and first cell do."""
    figures: dict[str, float] = {}

    def note(name: str) -> None:
        figures[name] = round(time.time() - began, 1)

    def docker() -> None:
        wait_for(docker_answers, "Docker", seconds=LONGEST, every=0.2)
        note("docker")

    looking = threading.Thread(target=docker)
    looking.start()
    wait_for(lab_answers, "JupyterLab", seconds=LONGEST, every=0.1)
    note("lab")
    said = first_output()
    note("cell")
    looking.join()
    print(json.dumps(figures | {"said": said}))


def lab_answers() -> bool:
    """Whether JupyterLab's server does."""
    with suppress(OSError), urlopen("http://127.0.0.1:8888/api", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def docker_answers() -> bool:
    """Whether the machine's daemon does."""
    with suppress(DrydockError, ping.Unreachable):
        return bool(ping.version(Machine("default").endpoint))
    return False


def first_output() -> str:
    """What the first cell of the first lesson shows, in a kernel of its own."""
    notebook: Any = nbformat.read(FIRST, 4)
    place = next(place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    client = NotebookClient(notebook, timeout=LONGEST, resources={"metadata": {"path": str(FIRST.parent)}})
    with client.setup_kernel():
        client.execute_cell(notebook.cells[place], place)
    return str(notebook.cells[place].outputs)


if __name__ == "__main__":
    main(float(sys.argv[1]))
