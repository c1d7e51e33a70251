"""Run one small notebook while the image is built, so that Python stores the modules that it compiles for it.

Only the modules that a notebook really uses are stored compiled, a third of all. The build fails if the notebook does.
"""

import nbclient
import nbformat

CELL = """\
import docker, requests
!true
1 / 0
"""

notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
nbclient.NotebookClient(notebook, kernel_name="python3", allow_errors=True, timeout=240, startup_timeout=240).execute()
errors = [output.get("ename") for output in notebook.cells[0].outputs]
if errors != ["ZeroDivisionError"]:
    raise SystemExit(f"The notebook's cell should raise ZeroDivisionError, but gave: {notebook.cells[0].outputs}")
