"""The docker command in a lesson's cells and terminals.

What it creates gets the lesson's label, so that opening the lesson again can remove exactly that; everything else goes
to the real docker as it was typed. After some errors it prints what to do. ``drydock/learn/bin/docker`` runs this file
without site packages, so that a command takes only some milliseconds more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

# Known to type checkers; the module typing takes longer to import than the rest of this one.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from typing import IO

#: The label to add, as ``name=value``; without it, nothing is labelled.
LABEL_VARIABLE = "DRYDOCK_LESSON_LABEL"
#: The columns of ``docker ps`` on a terminal.
PS_VARIABLE = "DRYDOCK_PS_FORMAT"
_VALUE_FOLLOWS = set("-H --host -c --context --config -l --log-level --tlscacert --tlscert --tlskey".split())
_GROUPS = set("container image buildx builder network volume service config secret".split())
_CREATING = {"run", "create", "build", "container run", "container create", "image build", "buildx build"}
_CREATING |= {"builder build", *(f"{group} create" for group in _GROUPS - {"container", "image", "buildx", "builder"})}
#: Commands that start containers: in a Drydock machine, their ports and folders are checked before.
_STARTING = {"run", "create", "start", "restart", "compose"}
_STARTING |= {f"container {command}" for command in _STARTING - {"compose"}}
#: Commands whose errors aren't explained: their output must keep its order, or is a program's own.
_OWN_OUTPUT = set("exec attach logs events stats top login logout context completion __complete".split())
#: Commands that draw their progress on a terminal, and only print lines into a pipe.
_PROGRESS = set("build buildx builder compose".split())
#: Options with which a build draws no progress.
_PLAIN = {"plain", "--progress=plain", "-q", "--quiet"}
#: What an error of the daemon or of a missing daemon has in it.
_SIGNS = (
    b"rror response from daemon",
    b"Cannot connect to the Docker daemon",
    b"error during connect",
    b"failed to solve",
    b"invalid reference format",
    b"invalid spec",
)
_TAIL = 16_384


def command_words(words: Sequence[str]) -> tuple[list[str], int]:
    """Return the words that name the command, such as ``container run``, and the index after the last of them."""
    names: list[str] = []
    index = 0
    while index < len(words):
        word = words[index]
        if word in _VALUE_FOLLOWS:
            index += 1
        elif not word.startswith("-"):
            names.append(word)
            if word not in _GROUPS or len(names) == 2:
                return names, index + 1
        index += 1
    return names, len(words)


def labelled(words: Sequence[str], label: str) -> list[str]:
    """Return the words with ``--label`` after the command, if that creates something."""
    names, end = command_words(words)
    creates = bool(label) and " ".join(names) in _CREATING
    return [*words[:end], *(["--label", label] if creates else []), *words[end:]]


def formatted(words: Sequence[str], columns: str) -> list[str]:
    """Return the words with ``--format`` after ``ps``, if they don't choose what is printed themselves."""
    names, end = command_words(words)
    lists = bool(columns) and " ".join(names) in ("ps", "container ps", "container ls", "container list")
    plain = all(word in ("-a", "--all", "-l", "--latest", "-n") or not word.startswith("-") for word in words[end:])
    return [*words[:end], *(["--format", columns] if lists and plain else []), *words[end:]]


def is_explained(words: Sequence[str], on_terminal: bool) -> bool:
    """Return whether the errors of a command are explained; ``on_terminal``: its error output is a terminal."""
    names, _ = command_words(words)
    if not names or not _OWN_OUTPUT.isdisjoint(names):
        return False
    return not on_terminal or _PROGRESS.isdisjoint(names) or not _PLAIN.isdisjoint(words)


def refusal(words: Sequence[str]) -> Exception | None:
    """Return the error for what a container in a Drydock machine can't have of this computer; None for others."""
    names, end = command_words(words)
    certificates = os.environ.get("DOCKER_CERT_PATH", "")
    if " ".join(names) not in _STARTING or not certificates:  # a machine has certificates
        return None
    from pathlib import Path

    # Python was started without the folder of our packages: it is the parent of the package `drydock`.
    package = next(folder for folder in Path(__file__).resolve().parents if folder.name == "drydock")
    sys.path.append(str(package.parent))
    from drydock.errors import DrydockError
    from drydock.learn import docker_run
    from drydock.machine import container_preflight

    folder = container_preflight.machine_folder(certificates)
    if folder is None:
        return None
    try:
        container_preflight.check(folder, *docker_run.requested(" ".join(names), words[end:]))
    except DrydockError as error:  # also settings of the machine that can't be read
        return error
    return None


def run(command: Sequence[str]) -> int:
    """Run a command with its errors passed on; explain them if it fails; return its exit code as a shell has it."""
    import subprocess

    children: list[subprocess.Popen[bytes]] = []
    early = _pass_on_signals(children)
    with subprocess.Popen(list(command), stderr=subprocess.PIPE) as child:
        children.append(child)
        for number in early:
            child.send_signal(number)
        assert child.stderr is not None
        tail = _copy(child.stderr)
        code = child.wait()
    lost = lost_names(command)  # `docker rm -f` of a container that isn't there exits with 0
    if (code != 0 or lost) and any(sign in tail for sign in _SIGNS):
        # -P: without the current folder, where a student may have a random.py.
        explain = [sys.executable, "-P", "-m", "drydock.learn.docker_errors", *lost]
        subprocess.run(explain, input=tail, stdout=2, check=False)
    return code if code >= 0 else 128 - code


def lost_names(command: Sequence[str]) -> list[str]:
    """Return the Python names in braces in a command, with the braces; a variable of the shell, ``${HOME}``, is none.

    IPython puts the value in the place of ``{web.name}``, but leaves the braces where nothing defines ``web``.
    """
    import re

    return re.findall(r"(?<![{$]){[A-Za-z_]\w*(?:[.\[][^{}]*)?}(?!})", " ".join(command))


def _pass_on_signals(children: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    """Pass on signals to the children from now on; return a list of the signals that come before there is a child."""
    import signal

    early: list[int] = []

    def pass_on(number: int, _: object) -> None:
        for child in children:
            child.send_signal(number)
        if not children:
            early.append(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    # On a terminal, Ctrl-C reaches the child by itself.
    signal.signal(signal.SIGINT, (lambda *_: None) if os.isatty(0) else pass_on)
    return early


def _copy(errors: IO[bytes]) -> bytes:
    """Copy the child's error output to our own, and return the end of it."""
    tail = b""
    while chunk := os.read(errors.fileno(), 65_536):
        os.write(2, chunk)
        tail = (tail + chunk)[-_TAIL:]
    return tail


def main(folder: str, words: Sequence[str]) -> int:
    """Run the docker that comes after ``folder`` on PATH."""
    others = [place for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if place != folder]
    os.environ["PATH"] = os.pathsep.join(others)
    words = labelled(words, os.environ.get(LABEL_VARIABLE, ""))
    command = ["docker", *formatted(words, os.environ.get(PS_VARIABLE, "") if os.isatty(1) else "")]
    try:
        if error := refusal(words):
            print(error, file=sys.stderr)
            return 125  # as `docker run` exits when the daemon refuses
        if is_explained(words, os.isatty(2)):
            return run(command)
        os.execvp("docker", command)
    except FileNotFoundError:
        print("docker: not found. `drydock lab` brings a docker command where this computer has none.", file=sys.stderr)
        return 127


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
