"""The layout of a student's first start; tests/course/test_browser.py sees it in JupyterLab."""

from __future__ import annotations

import json
from pathlib import Path

from drydock.learn import lab_workspace


def test_a_first_layout_is_written_once(tmp_path: Path) -> None:
    """The page and a terminal; a layout that exists stays as it is."""
    variables = {"JUPYTER_CONFIG_DIR": str(tmp_path)}
    file = tmp_path / "lab" / "workspaces" / lab_workspace.NAME
    assert lab_workspace.write("course/START.md", variables)
    layout = json.loads(file.read_text())["data"]
    assert layout["markdownviewer-widget:course/START.md"]["data"]["path"] == "course/START.md"
    areas = layout["layout-restorer:data"]["main"]["dock"]["children"]
    assert [area["widgets"] for area in areas] == [["markdownviewer-widget:course/START.md"], ["terminal:1"]]
    assert layout["terminal:1"]["data"] == {"name": "1"}
    file.write_text("own")
    assert not lab_workspace.write("course/START.md", variables)
    assert file.read_text() == "own"


def test_where_jupyterlab_reads_it(tmp_path: Path) -> None:
    """In the folder that a variable names, or in the home folder; nowhere if only Jupyter knows the folder."""
    assert lab_workspace.write("START.md", {"JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "own")})
    assert (tmp_path / "own" / lab_workspace.NAME).is_file()
    assert lab_workspace.write("START.md", {"HOME": str(tmp_path)})
    assert (tmp_path / ".jupyter" / "lab" / "workspaces" / lab_workspace.NAME).is_file()
    assert not lab_workspace.write("START.md", {"JUPYTER_PLATFORM_DIRS": "1"})


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """JupyterLab then opens as it does by itself."""
    (tmp_path / "file").touch()
    assert not lab_workspace.write("START.md", {"JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "file" / "below")})
