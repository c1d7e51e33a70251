"""A bar over long work in a notebook."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from drydock.views import progress

WORK = """
from ipywidgets.widgets.widget import _instances
from drydock import views
def values():
    return sorted(str(one.value) for one in _instances.values() if hasattr(one, "value"))
with views.progress("Loading") as tell:
    tell(1, 3, "busybox")
    print(values())
print(values())
"""


def test_in_a_notebook_a_bar_comes_and_goes() -> None:
    """While the work runs there is a bar that tells what is done now; afterwards nothing of it is left."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WORK)])
    NotebookClient(notebook, timeout=60).execute()
    outputs = notebook.cells[0].outputs
    said = "".join(output.text for output in outputs if output.output_type == "stream")
    assert said == "['1', 'Loading: 1/3 busybox']\n[]\n"
    assert [output.data for output in outputs if output.output_type == "display_data"] == [{}]


def test_elsewhere_a_line_tells(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a notebook there is no bar, and the line says how long it took."""
    with progress("Loading") as tell:
        tell(1, 3, "busybox")
    assert "Loading: done in" in "".join(capsys.readouterr())
