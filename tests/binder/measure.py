"""A program for the pod: measures when JupyterLab answers, when Docker answers, and when a first cell has an output.

``measure.py TIME`` takes the time of the pod's start (seconds since the epoch) and prints a line of JSON.
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

TIMEOUT = 120
FIRST = Path("course/00_first_run.ipynb")


def main(start_time: float) -> None:
    """Measure all three at once: a student's browser and first cell do not wait for each other."""
    figures: dict[str, float] = {}

    def note(name: str) -> None:
        figures[name] = round(time.time() - start_time, 1)

    def docker() -> None:
        wait_for(docker_answers, "Docker", seconds=TIMEOUT, every=0.2)
        note("docker")

    thread = threading.Thread(target=docker)
    thread.start()
    wait_for(lab_answers, "JupyterLab", seconds=TIMEOUT, every=0.1)
    note("lab")
    output = first_output()
    note("cell")
    thread.join()
    print(json.dumps(figures | {"output": output}))


def lab_answers() -> bool:
    """Return whether JupyterLab answers."""
    with suppress(OSError), urlopen("http://127.0.0.1:8888/api", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def docker_answers() -> bool:
    """Return whether the machine's daemon answers."""
    with suppress(DrydockError, ping.Unreachable):
        return bool(ping.version(Machine("default").endpoint))
    return False


def first_output() -> str:
    """Run the first code cell of the first lesson in a kernel, and return its outputs."""
    notebook: Any = nbformat.read(FIRST, 4)
    index = next(index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    client = NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(FIRST.parent)}})
    with client.setup_kernel():
        client.execute_cell(notebook.cells[index], index)
    return str(notebook.cells[index].outputs)


if __name__ == "__main__":
    main(float(sys.argv[1]))
