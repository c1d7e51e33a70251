"""Leaving: files that a run leaves, or that are submitted, and that break a program that reads them."""

from __future__ import annotations

from tests.attack_corpus.attack import ANYHOW, Attack

#: Does something again and again in a process that goes on after the cell, until the container is killed.
_FOREVER = """import subprocess
subprocess.Popen(["python3", "-c", '''
import os, time
while True:
    try:
{loop}
    except OSError:
        pass
    time.sleep(0.001)
'''], start_new_session=True)
"""


def forever(*lines: str) -> str:
    """Return code that runs these lines again and again."""
    return _FOREVER.replace("{loop}", "\n".join(f"        {line}" for line in lines))


_CODE = {
    "out-is-a-file": (
        "Puts a file where the run leaves its status.",
        """import shutil
shutil.rmtree("/out")
open("/out", "w").close()""",
    ),
    "out-is-a-link": (
        "Puts a link to the root where the run leaves its status.",
        """import os, shutil
shutil.rmtree("/out")
os.makedirs("/elsewhere")
os.symlink("/etc/shadow", "/elsewhere/status.json")
os.symlink("/elsewhere", "/out")""",
    ),
    "pipes": (
        "Leaves pipes where the grader expects files, for a reader that waits.",
        forever("os.mkfifo('/out/x')", "os.replace('/out/x', '/out/status.json')", "os.mkfifo('/out/y')",
                "os.replace('/out/y', '/out/notebook.ipynb')"),
    ),
    "folders-for-files": (
        "Leaves folders where the grader expects files.",
        """import os
for name in ("notebook.ipynb", "status.json", "notebook.new", "status.new"):
    if os.path.exists("/out/" + name):
        os.remove("/out/" + name)
    os.makedirs("/out/" + name + "/x")""",
    ),
    "sparse-notebook": (
        "Leaves an executed notebook of a terabyte that takes no space.",
        forever("os.truncate('/out/notebook.ipynb', 1 << 40)"),
    ),
    "sparse-file": (
        "Leaves a file of eight terabytes in its folder, which takes no space.",
        """import os
with open("sparse", "wb") as file:
    file.truncate(8 << 40)""",
    ),
    "names-of-no-text": (
        "Leaves files whose names are no text, of several lines, or options.",
        """import os
for name in (b"\\xff\\xfe.txt", b"a\\nb", b"-rf", b"\\x1b[2J", b"x" * 255, b" ", b"con:", b"\\xe2\\x80\\xae"):
    open(os.fsencode(os.getcwd()) + b"/" + name, "w").close()""",
    ),
    "deep-tree": (
        "Leaves folders within folders, deeper than a path can be long.",
        """import os
for _ in range(3000):
    os.mkdir("d" * 20)
    os.chdir("d" * 20)""",
    ),
    "many-files": (
        "Leaves more files than anybody reads.",
        """import os
for number in range(60_000):
    os.close(os.open(f"f{number}", os.O_CREAT))""",
    ),
    "sockets-and-pipes": (
        "Leaves sockets, pipes and links to devices in its folder, one of them named as its notebook.",
        """import os, socket
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
os.symlink("/dev/zero", "zeros")
os.remove("service.ipynb")
os.mkfifo("service.ipynb")""",
    ),
    "links": (
        "Leaves links to itself, to the root, to /proc and to a name without end.",
        """import os
for name, target in {"loop": "loop", "root": "/", "self": "/proc/self/root", "up": "../" * 40, "Dockerfile":
                     "/etc/shadow", "long": "x/" * 2000}.items():
    os.symlink(target, name)""",
    ),
    "swapped-while-read": (
        "Combines two: a container that stays swaps a folder and a link to the root while the grader reads the folder.",
        """import docker, os
os.makedirs("a/b")
open("a/b/file", "wb").write(bytes(20 << 20))
loop = "while true; do mv /w/a/b /w/a/c; ln -s / /w/a/b; rm /w/a/b; mv /w/a/c /w/a/b; done"
docker.from_env().containers.run("drydock/busybox:1.37", ["sh", "-c", loop], volumes=[os.getcwd() + ":/w"],
                                 detach=True)""",
    ),
}  # fmt: skip

#: Modules that would be imported in place of Docker's, the grader's or Python's, if they were found first.
_MODULES = (
    "sitecustomize usercustomize nbclient nbformat/__init__ autograder/__init__ autograder/checks/runner checks "
    "asyncio json conftest docker/__init__"
).split()

ATTACKS = {
    **{
        name: Attack(
            tries, code, "what a run leaves is data", states=ANYHOW, combined=tries.startswith("Combines")
        )
        for name, (tries, code) in _CODE.items()
    },
    "modules": Attack(
        "Is submitted with modules that have the names of the grader's.",
        "import subprocess\nprint(subprocess.run(['ls'], capture_output=True).stdout)", "its own folder",
        files={
            **{f"{name}.py": b"import os\nos._exit(0)\n" for name in _MODULES},
            "service.ipynb": b"{}", ".git/hooks/post-checkout": b"#!/bin/sh\n", "x/.env": b"A=b\n",
        },
        states=("graded", "crashed"),  # its own kernel imports them
    ),
}  # fmt: skip
