"""The metadata that JupyterLab adds to a notebook when its kernel starts."""

from __future__ import annotations

import json
from pathlib import Path

from ipykernel.ipkernel import IPythonKernel

from drydock import lab
from drydock.learn import notebook_metadata
from scripts.lesson_reader import LESSONS


def test_it_is_what_the_kernel_reports() -> None:
    """JupyterLab compares it with the kernel's own, and shows a notebook with another one as unsaved."""
    assert notebook_metadata.language_info() == IPythonKernel.language_info


def test_lessons_name_the_kernel_of_the_lab() -> None:
    """JupyterLab compares the kernel's name and its displayed name, too."""
    folder = Path(lab.jupyter_environment({})["JUPYTER_PATH"].split(":")[-1])
    spec = json.loads((folder / "kernels" / "python3" / "kernel.json").read_text())
    for lesson in LESSONS:
        named = json.loads(lesson.path.read_text())["metadata"]["kernelspec"]
        assert named == {"display_name": spec["display_name"], "language": spec["language"], "name": "python3"}


def test_a_folder_is_completed(tmp_path: Path) -> None:
    """Notebooks have it beside their own metadata; files without metadata stay, and doing it twice changes nothing."""
    texts = {"a.ipynb": '{"cells": [], "metadata": {"own": "é"}}', "b.ipynb": "{}", "c.md": "# c"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    notebook_metadata.complete(tmp_path)
    once = (tmp_path / "a.ipynb").read_text(encoding="utf-8")
    assert json.loads(once)["metadata"] == {"own": "é", "language_info": notebook_metadata.language_info()}
    assert {name: (tmp_path / name).read_text() for name in ("b.ipynb", "c.md")} == {"b.ipynb": "{}", "c.md": "# c"}
    notebook_metadata.complete(tmp_path)
    assert (tmp_path / "a.ipynb").read_text(encoding="utf-8") == once
