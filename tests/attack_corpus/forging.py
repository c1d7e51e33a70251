"""Forging: the kernel is made to say that all is well."""

from __future__ import annotations

from nbformat import NotebookNode

from tests.attack_corpus.attack import ANYHOW, Attack
from tests.fixtures.case import skip_execution, swallow_errors

FAKE_DOCKER = """from pathlib import Path
Path("docker.py").write_text('''
class Anything:
    def __getattr__(self, name): return self
    def __call__(self, *args, **more): return self
    def __iter__(self): return iter(())
    status = "running"
from_env = Anything()
''')
import importlib, sys
sys.path.insert(0, ".")
sys.modules.pop("docker", None)
import docker
docker.from_env().containers.run("drydock/python:3.13", name="service")
"""

SELF_CHECK = """import autograder.checks.runner, autograder.checks.selfcheck, autograder.verdict
autograder.verdict.Result.points = property(lambda self: self.max)
autograder.checks.selfcheck.SelfCheck.__call__ = lambda self, name: print("passed", name, "10/10")
autograder.checks.runner.run = lambda checks, context: []
"""

STATUS = """import json
from pathlib import Path
passed = {"state": "finished", "timed_out": False, "score": 10, "checks": [{"id": "service.running", "points": 10}]}
for name in ("status.json", "verdict.json", "results.json"):
    try:
        Path("/out", name).write_text(json.dumps(passed))
    except OSError as error:
        print(error)
"""

GRADEBOOK = """import glob, sqlite3
for place in ("gradebook.db", "../gradebook.db", "../../../gradebook.db", "/work/gradebook.db"):
    base = sqlite3.connect(place)
    try:
        base.execute("UPDATE grade SET auto_score = 10, extra_credit = 100")
        base.commit()
    except sqlite3.Error as error:
        print(error)
"""


def more_points(notebook: NotebookNode) -> None:
    """Every graded cell says that it is worth a thousand points."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["nbgrader"]["points"] = 1000


def other_names(notebook: NotebookNode) -> None:
    """The cells of the checks take each other's names, and one takes that of an answer."""
    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    for cell in graded:
        cell.metadata["nbgrader"]["grade_id"] = graded[0].metadata["nbgrader"]["grade_id"]


def all_at_once(notebook: NotebookNode) -> None:
    """Tags, points and errors that are not reported."""
    for twist in (more_points, skip_execution, swallow_errors, passed_already):
        twist(notebook)


def passed_already(notebook: NotebookNode) -> None:
    """Outputs with all points are submitted with the notebook, for a grader that does not run it."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            text = {"text/plain": "10"}
            cell.outputs = [NotebookNode(output_type="execute_result", data=text, metadata={}, execution_count=1)]


ATTACKS = {
    "tags": Attack("Tags the cells of the checks, so that they are skipped.", twist=skip_execution),
    "messages": Attack("Keeps the kernel from reporting errors, and replies `ok` instead.", twist=swallow_errors),
    "transformers": Attack(
        "Makes every later cell empty before it runs.",
        "get_ipython().input_transformers_cleanup.append(lambda lines: [])",
    ),
    "run-code": Attack(
        "Replaces the function that runs cells.", "get_ipython().run_code = lambda *args, **more: False"
    ),
    "exit-code": Attack("Ends the kernel with exit code 0.", "import os\nos._exit(0)", states=ANYHOW),
    "fake-docker": Attack("Puts a module `docker` in the way that agrees to everything.", FAKE_DOCKER),
    "self-check": Attack("Rewrites the self-check and the grader's own classes in memory.", SELF_CHECK),
    "status-files": Attack("Writes verdicts where the run leaves its status.", STATUS, states=ANYHOW),
    "gradebook": Attack("Looks for a gradebook to write points into.", GRADEBOOK),
    "printed-score": Attack("Prints a float, which nbgrader takes for partial credit.", "10.0"),
    "more-points": Attack("Says in the metadata that cells are worth more.", twist=more_points),
    "other-names": Attack("Gives the cells of the checks one another's names.", twist=other_names),
    "submitted-outputs": Attack("Submits outputs with all points.", twist=passed_already),
    "fake-daemon": Attack(
        "Serves a Docker of its own on the daemon's socket.",
        "import os, socket\n"
        "for place in ('/var/run/docker.sock', '/run/docker.sock'):\n"
        "    try:\n"
        "        os.unlink(place)\n"
        "        line = socket.socket(socket.AF_UNIX); line.bind(place); line.listen()\n"
        "    except OSError as error:\n"
        "        print(error)",
        states=ANYHOW,
    ),
    "metadata-and-status": Attack(
        "Combines four: tags, points, outputs and status files that each say that all is right.",
        STATUS,
        twist=all_at_once,
        states=ANYHOW,
        combined=True,
    ),
}
