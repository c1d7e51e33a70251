"""A progress bar in a notebook."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from drydock.views import progress

WORK = """
from ipywidgets.widgets.widget import _instances
from drydock import views
def values():
    return sorted(str(widget.value) for widget in _instances.values() if hasattr(widget, "value"))
with views.progress("Loading") as report:
    report(1, 3, "busybox")
    print(values())
print(values())
"""


def test_bar_disappears_after_the_work() -> None:
    """In a notebook the bar shows the current step, and no widget or output of it is left at the end."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WORK)])
    NotebookClient(notebook, timeout=60).execute()
    outputs = notebook.cells[0].outputs
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    assert printed == "['1', 'Loading: 1/3 busybox']\n[]\n"
    assert [output.data for output in outputs if output.output_type == "display_data"] == [{}]


def test_line_outside_of_a_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    """Outside of a notebook there is no bar, but a line with the time the work took."""
    with progress("Loading") as report:
        report(1, 3, "busybox")
    assert "Loading: done in" in "".join(capsys.readouterr())
