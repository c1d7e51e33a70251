"""Starving and breaking: nothing is left for the next one, or nothing to grade with."""

from __future__ import annotations

import io
import json
import zipfile

from nbformat import NotebookNode

from tests.attack_corpus.attack import ANYHOW, Attack


def no_cells(notebook: NotebookNode) -> None:
    """The cells of the checks are gone."""
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]


def other_kernel(notebook: NotebookNode) -> None:
    """The notebook wants to be run by a program of its own choice."""
    notebook.metadata["kernelspec"] = {"name": "../../bin/sh", "display_name": "sh", "language": "sh"}


def bomb() -> bytes:
    """A small file that unpacks to a hundred megabytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(100 << 20))
    return file.getvalue()


def run(command: str, **more: object) -> str:
    """Code that runs a shell command in a container of busybox."""
    options = "".join(f", {name}={value!r}" for name, value in more.items())
    return (
        f"import docker\ndocker.from_env().containers.run('drydock/busybox:1.37', ['sh', '-c', {command!r}]{options})"
    )


EVERYTHING = """import docker
client = docker.from_env()
for one in client.containers.list(all=True):
    try:
        one.remove(force=True)
    except Exception as error:
        print(error)
for image in client.images.list():
    try:
        client.images.remove(image.id, force=True)
    except Exception as error:
        print(error)
client.volumes.prune()
client.networks.prune()
"""

MANY = """import docker
client = docker.from_env()
for number in range(1000):
    client.containers.run("drydock/busybox:1.37", "sleep 600", detach=True, name=f"one-of-many-{number}")
"""

STARVING = {
    "fork-bomb": Attack("Forks without end in the kernel.", "import os\nwhile True:\n    os.fork()", "pids limit"),
    "fork-bomb-in-a-container": Attack("The same in a container.", run("b() { b | b & }; b; sleep 20"), "pids limit"),
    "memory": Attack("Takes all memory.", "x = []\nwhile True:\n    x.append(bytes(10**6))", "memory limit"),
    "memory-in-containers": Attack("The same in a container.", run("tail /dev/zero", detach=True), "memory limit"),
    "disk": Attack("Fills the disk.", run("cat /dev/zero > /x; sleep 600", detach=True), "the machine's disk"),
    "inodes": Attack(
        "Fills the disk with files of nothing.",
        run("n=0; while mkdir -p /f/$n; do n=$((n+1)); done", detach=True), "the machine's disk",
    ),
    "endless-loop": Attack("Never ends.", "while True:\n    pass", "time limit"),
    "sleep": Attack("Never ends, in its sleep.", "import time\ntime.sleep(10**6)", "time limit"),
    "endless-output": Attack("Prints without end.", "while True:\n    print('x' * 10**6)", "output limit"),
    "huge-output": Attack("Shows a picture of 100 MB.", "from IPython.display import Image, display\n"
        "display(Image(b'\\x89PNG' + bytes(100 << 20), format='png'))", "output limit"),
    "huge-notebook": Attack("Submits eight megabytes.", raw=b'{"cells": [' + b" " * (8 << 20), layer="size limit"),
    "many-containers": Attack("Starts a thousand containers.", MANY, "memory limit"),
    "image-bomb": Attack(
        "Builds an image that is large when it is unpacked.",
        "import docker, io\nfile = io.BytesIO(b'FROM drydock/busybox:1.37\\nRUN cat /dev/zero > /x')\n"
        "docker.from_env().images.build(fileobj=file)", "the machine's disk",
        states=ANYHOW,
    ),
    "zip-bomb": Attack(
        "Is submitted with a file that unpacks to a hundred megabytes.", "print('unpack me')", "nothing is unpacked",
        files={"data.zip": bomb()},
    ),
}  # fmt: skip

BREAKING = {
    "fork-bomb-and-full-disk": Attack(
        "Combines three: a container forks, fills the disk and takes all memory, and is always started again.",
        run("b() { b | b & }; b; cat /dev/zero > /x & tail /dev/zero", detach=True,
            restart_policy={"Name": "always"}), "the machine's limits", combined=True,
    ),
    "kill-the-kernel": Attack("Kills the kernel.", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "kill-the-runner": Attack("Kills everything it can see.", "import os, signal\nos.kill(-1, signal.SIGKILL)"),
    "remove-everything": Attack("Removes every container, image and volume.", EVERYTHING, "proxy"),
    "stop-the-daemon": Attack(
        "Ends the daemon from a container that sees its process.",
        run("killall -9 dockerd containerd init; poweroff -f", pid_mode="host", privileged=True), "proxy",
    ),
    "delete-cells": Attack("Submits a notebook without the checks' cells.", twist=no_cells),
    "no-json": Attack("Submits something that is no JSON.", raw=b"{", layer="reading"),
    "no-text": Attack("Submits bytes that are no text.", raw=bytes(range(256)), layer="reading"),
    "no-notebook": Attack("Submits JSON that is no notebook.", raw=json.dumps({"cells": 3}).encode(), layer="reading"),
    "deep-json": Attack("Submits JSON nested without end.", raw=b"[" * 200_000, layer="reading"),
    "another-kernel": Attack("Names another program as its kernel.", twist=other_kernel, layer="reading"),
    "closed-output": Attack("Closes what the kernel speaks through.", "import os\nos.closerange(0, 256)"),
}  # fmt: skip


def _allowed(attack: Attack) -> Attack:
    """Whatever it does to itself, one of these is what it is called; what can't be read is called that."""
    states = ("unreadable",) if attack.raw is not None else ANYHOW
    return Attack(**{**vars(attack), "states": states})


ATTACKS = {name: _allowed(attack) for name, attack in {**STARVING, **BREAKING}.items()}
