"""Runs one small notebook while the image is built: proof that it can, and Python keeps what it compiled for it.

So only modules that are really used are kept compiled, a third of all there are.
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
seen = [output.get("ename") for output in notebook.cells[0].outputs]
if seen != ["ZeroDivisionError"]:
    raise SystemExit(f"the kernel did not do what it was told: {notebook.cells[0].outputs}")
