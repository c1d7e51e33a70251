"""The notebooks of a folder as Jupyter serves them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from drydock.learn import notebook_metadata
from drydock.learn.lesson_contents import LessonContents

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SHELL = {"kernelspec": {"name": "bash", "display_name": "Bash", "language": "bash"}}


def notebook(folder: Path, metadata: object) -> str:
    """Write a notebook with this metadata, and return its text."""
    text = json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    (folder / "lesson.ipynb").write_text(text)
    return text


@pytest.mark.parametrize(
    ("metadata", "served"),
    [
        (PYTHON, {**PYTHON, "language_info": notebook_metadata.language_info()}),
        ({**PYTHON, "language_info": {"name": "python"}}, {**PYTHON, "language_info": {"name": "python"}}),
        (SHELL, SHELL),
        ({}, {}),
        ({"kernelspec": None}, {"kernelspec": None}),
        ({"kernelspec": "python3"}, {"kernelspec": "python3"}),
    ],
    ids=["lacks-it", "has-its-own", "another-language", "none", "null", "a-string"],
)
def test_a_python_notebook_comes_with_the_metadata_of_its_language(
    tmp_path: Path, metadata: dict[str, object], served: dict[str, object]
) -> None:
    """What a notebook has stays, and the file is not written."""
    text = notebook(tmp_path, metadata)
    model = asyncio.run(LessonContents(root_dir=str(tmp_path)).get("lesson.ipynb"))
    assert model["content"]["metadata"] == served
    assert (tmp_path / "lesson.ipynb").read_text() == text


def test_other_files_and_notebooks_without_content_are_jupyters(tmp_path: Path) -> None:
    """A folder, and a notebook of which only the name is asked for."""
    notebook(tmp_path, PYTHON)
    contents = LessonContents(root_dir=str(tmp_path))
    assert [entry["name"] for entry in asyncio.run(contents.get(""))["content"]] == ["lesson.ipynb"]
    assert asyncio.run(contents.get("lesson.ipynb", content=False))["content"] is None
