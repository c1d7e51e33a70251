"""Hiding, and acting later: what changes after the run, and what waits in the shown notebook for a person."""

from __future__ import annotations

from nbformat import NotebookNode

from tests.attack_corpus.attack import ANYHOW, Attack

SCRIPT = "<script>window.drydock_attack=1</script>"
IMAGE = '<img src=x onerror="window.drydock_attack=1">'

THREAD = """import threading, time, docker
def later():
    time.sleep(60)
    docker.from_env().containers.run("drydock/python:3.13", "python3 -m http.server 80", name="service", detach=True)
threading.Thread(target=later).start()
"""

AT_EXIT = """import os, subprocess
start = "sleep 8; docker run -d --name service -p 127.0.0.1:8080:80 drydock/python:3.13 python3 -m http.server 80"
subprocess.Popen(["setsid", "nohup", "sh", "-c", start], start_new_session=True)
"""

ONCE = """import docker
program = '''
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        first, self.server.asked = not getattr(self.server, "asked", False), True
        self.send_response(200 if first else 404)
        self.end_headers()
        self.wfile.write(os.environ["PAGE"].encode() if first else b"gone")
    def log_message(self, *words): pass
HTTPServer(("", 80), Page).serve_forever()
'''
docker.from_env().containers.run(
    "drydock/python:3.13", ["python3", "-c", program], environment={"PAGE": token()},
    name="service", detach=True, ports={"80/tcp": ("127.0.0.1", 8080)},
)
"""

SHOWN = f"""from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML({SCRIPT!r} + {IMAGE!r}))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="window.drydock_attack=1"><script>1</script></svg>'))
display(Javascript("window.drydock_attack=1"))
display(Markdown({SCRIPT!r} + "[x](javascript:window.drydock_attack=1)"))
display({{"text/html": {SCRIPT!r}, "application/vnd.jupyter.widget-view+json": {{"model_id": "x"}}}}, raw=True)
print({SCRIPT!r})
"""

NAMES = f"""import docker
client = docker.from_env()
said, labels = ["echo", {SCRIPT!r}], {{"x": {SCRIPT!r}}}
client.containers.run("drydock/busybox:1.37", said, name="service", labels=labels, detach=True)
"""


def in_prose(notebook: NotebookNode) -> None:
    """Prose and raw cells carry scripts."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source += f"\n{SCRIPT}\n{IMAGE}\n[x](javascript:window.drydock_attack=1)"
    raw = {"cell_type": "raw", "id": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": SCRIPT}
    notebook.cells.append(NotebookNode({**raw, "metadata": NotebookNode(raw["metadata"])}))


ATTACKS = {
    "late-and-in-many-names": Attack(
        "Combines two: a process that stays behind, and scripts in all that is shown of what it did before.",
        AT_EXIT + SHOWN + NAMES, "the kernel ends", states=ANYHOW, most=0, combined=True,
    ),
    "thread": Attack("Starts its service only when it thinks that nobody looks any more.", THREAD, "the kernel ends"),
    "daemon-process": Attack("Leaves a process behind that starts it later.", AT_EXIT, "the kernel ends"),
    "answers-once": Attack("Answers the first request rightly and no other.", ONCE, "asked again", most=6),
    "scripts-in-outputs": Attack("Shows scripts to readers of the executed notebook.", SHOWN, "harmless outputs"),
    "scripts-in-prose": Attack("The same in its prose and in raw cells.", twist=in_prose, layer="harmless outputs"),
    "scripts-in-names": Attack("Has the daemon say scripts, which feedback then quotes.", NAMES, "escaped feedback"),
    "kernel-of-a-reader": Attack(
        "Is submitted with modules that a kernel would import which starts when a person opens the graded notebook.",
        layer="no kernel to start", states=("graded", "crashed"),  # its own kernel imports them
        files=dict.fromkeys(("ipykernel_launcher.py", "asyncio.py"), b"import os\nos._exit(0)\n"),
    ),
    "terminal-escapes": Attack(
        "Prints what would act in a terminal.",
        "print('\\x1b]0;title\\x07\\x1b[2J\\x1b[?1049h', '\\x00' * 9)", "harmless outputs", states=ANYHOW,
    ),
}  # fmt: skip
