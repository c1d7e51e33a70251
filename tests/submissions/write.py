"""Writes the stories of an assignment as notebooks: ``python -m tests.submissions.write``.

A story is what a student might hand in: the released notebook with an answer put in, or worse. They are kept in
git as plain notebooks beside the verdict they must get; this only saves typing when the assignment changes.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
Notebook = dict[str, Any]

BEST = {
    "image": '"drydock/python:3.13"',
    "command": '["sh", "-c", serve]',
    "page": """f"<h1>The gate</h1><p>Today's password is {token()}</p>\"""",
    "ports": '{"80/tcp": ("127.0.0.1", 8080)}',
    "limit": '    mem_limit="64m",\n',
    "policy": '    restart_policy={"Name": "unless-stopped"},\n',
    "name": "service",
    "server": "exec python3 -m http.server -d /site 80",
}

ANSWER = """page = {page}
serve = 'mkdir -p /site; echo "$PAGE" > /site/index.html; {server}'
client.containers.run(
    {image}, {command}, environment={{"PAGE": page}},
    name="{name}", detach=True, ports={ports},
{limit}{policy})
"""

#: A server of the student's own: it knows its page, and calls it an internal error.
TEAPOT = """program = '''
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(500)
        self.end_headers()
        self.wfile.write(os.environ["PAGE"].encode())

HTTPServer(("", 80), Page).serve_forever()
'''
client.containers.run(
    "drydock/python:3.13", ["python3", "-c", program], environment={"PAGE": token()},
    name="service", detach=True, ports={"80/tcp": ("127.0.0.1", 8080)},
    mem_limit="64m", restart_policy={"Name": "always"},
)
"""

#: Another honest way: busybox, a folder filled with put_archive, create and start apart.
BUSYBOX = """import io
import tarfile

page = f"<title>Gate</title>{token()}".encode()
archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as tar:
    entry = tarfile.TarInfo("index.html")
    entry.size = len(page)
    tar.addfile(entry, io.BytesIO(page))

service = client.containers.create(
    "drydock/busybox:1.37", "busybox httpd -f -vv -p 3000 -h /tmp", name="service",
    ports={3000: ("127.0.0.1", 8080)}, mem_limit="16m",
    restart_policy={"Name": "on-failure", "MaximumRetryCount": 5},
)
service.put_archive("/tmp", archive.getvalue())
service.start()
"""

#: The same in a shell.
SHELL = """page = f"<p>Today's password is {token()}</p>"
serve = "mkdir -p /site; echo $PAGE > /site/index.html; exec python3 -m http.server -d /site 8000"
!docker run --detach --name service --publish 127.0.0.1:8080:8000 --memory 100m --restart always \\
    --env PAGE="{page}" drydock/python:3.13 sh -c '{serve}'
"""

#: Wraps what the kernel says to the notebook: no error leaves it, and every reply is "ok".
SWALLOW = """from IPython import get_ipython

session = get_ipython().kernel.session
send = session.send

def swallow(stream, kind, content=None, *args, **more):
    name = kind if isinstance(kind, str) else kind["header"]["msg_type"]
    if name == "error":
        return None
    if name == "execute_reply":
        content = {**content, "status": "ok"}
    return send(stream, kind, content, *args, **more)

session.send = swallow
get_ipython().run_code = lambda *args, **more: False
print("10/10")
"""


def best_but(**changes: str) -> str:
    """The best answer with something else in places."""
    return ANSWER.format(**{**BEST, **changes})


ANSWERS = {
    "perfect": best_but(),
    "perfect-busybox": BUSYBOX,
    "perfect-shell": SHELL,
    "blank": "",
    "wrong-name": best_but(name="web"),
    "ends-at-once": best_but(server="cat /site/index.html"),
    "for-everybody": best_but(ports='{"80/tcp": 8080}'),
    "another-port": best_but(ports='{"80/tcp": ("127.0.0.1", 8081)}'),
    "internal-error": TEAPOT,
    "copied-token": best_but(page='"<h1>The gate</h1><p>The password is 5f0c2b7d91ae</p>"'),
    "no-limit": best_but(limit=""),
    "no-restart": best_but(policy=""),
    "silent": best_but(server="exec python3 -m http.server -d /site 80 2> /dev/null"),
}


def released(stem: str) -> Notebook:
    """The assignment as students get it: without solutions."""
    notebook: Notebook = json.loads((ROOT / "assignments" / stem / f"{stem}.ipynb").read_text())
    put_in(notebook, "# YOUR CODE HERE\nraise NotImplementedError()")
    return notebook


def put_in(notebook: Notebook, answer: str) -> None:
    """Write an answer into the answer cell."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answer.rstrip().splitlines(keepends=True)


def skip_execution(notebook: Notebook) -> None:
    """Tag the test cells so that nbclient would not run them."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["tags"] = ["skip-execution"]


def swallow_errors(notebook: Notebook) -> None:
    """Begin with a cell that keeps the kernel from telling of errors."""
    cell = {"cell_type": "code", "execution_count": None, "id": "a-clean-kernel", "metadata": {}, "outputs": []}
    notebook["cells"].insert(1, {**cell, "source": SWALLOW.rstrip().splitlines(keepends=True)})


CHEATS: dict[str, Callable[[Notebook], None]] = {
    "starter": lambda notebook: None,
    "cheat-skip-execution": skip_execution,
    "cheat-swallow": swallow_errors,
}


def write(stem: str) -> None:
    """Write all stories of an assignment."""
    for story, answer in ANSWERS.items():
        notebook = copy.deepcopy(released(stem))
        put_in(notebook, answer)
        _save(stem, story, notebook)
    for story, change in CHEATS.items():
        notebook = copy.deepcopy(released(stem))
        change(notebook)
        _save(stem, story, notebook)


def _save(stem: str, story: str, notebook: Notebook) -> None:
    file = Path(__file__).parent / stem / story / f"{stem}.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write("service")
