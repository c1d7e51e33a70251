"""Running a notebook, as it is done inside the kernel container; here without one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.conftest import ROOT, notebook_of

pytestmark = pytest.mark.timeout(120)


def ran(folder: Path, *sources: str, seconds: int = 20, **metadata: Any) -> tuple[dict[str, Any], list[Any], str]:
    """The status that is left, the cells, and all that they printed."""
    out = folder / "out"
    out.mkdir()
    file = folder / "service.ipynb"
    file.write_bytes(notebook_of(*sources, **metadata))
    words = [sys.executable, "-m", "autograder.execution.notebook_runner", str(file), str(out), str(seconds)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    cells = json.loads((out / "notebook.ipynb").read_text())["cells"]
    printed = "".join("".join(output.get("text", "")) for cell in cells for output in cell["outputs"])
    return json.loads((out / "status.json").read_text()), cells, printed


def test_every_cell_runs_also_after_an_error(tmp_path: Path) -> None:
    """One mistake doesn't cost what comes after it."""
    status, cells, printed = ran(tmp_path, "1 / 0", "print('still here')")
    assert status == {"state": "finished", "timed_out": False}
    assert cells[0]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert printed == "still here\n"


def test_it_runs_in_the_notebooks_own_folder(tmp_path: Path) -> None:
    """Files beside the notebook are where a student expects them."""
    _, _, printed = ran(tmp_path, "import os; print(os.path.exists('service.ipynb'))")
    assert printed == "True\n"


@pytest.mark.slow
def test_a_cell_that_takes_too_long_is_interrupted(tmp_path: Path) -> None:
    """The other cells still run, and the status reports the error."""
    status, _, printed = ran(tmp_path, "while True: pass", "print('still here')", seconds=2)
    assert status == {"state": "finished", "timed_out": True}
    assert printed == "still here\n"


def test_a_dead_kernel_leaves_what_ran_before_it(tmp_path: Path) -> None:
    """The notebook up to there can be shown."""
    status, _, printed = ran(tmp_path, "print('before')", "import os; os._exit(1)")
    assert status["state"] == "kernel died"
    assert printed == "before\n"


def test_endless_output_is_cut(tmp_path: Path) -> None:
    """A cell may print a megabyte; the next one may print again."""
    flood = "for _ in range(400): print('x' * 10_000)"
    _, cells, printed = ran(tmp_path, flood, "print('still here')")
    assert len(printed) < 1_200_000
    assert "too much output" in printed
    assert cells[1]["outputs"][0]["text"] == ["still here\n"]
