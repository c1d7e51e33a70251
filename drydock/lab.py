"""``drydock lab``: JupyterLab with a Docker behind it, on the course's page; what it booted goes when Jupyter ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType

from drydock import images
from drydock.core import environment, platform, resources
from drydock.core.progress import say, step
from drydock.engine import Engine, start
from drydock.engine.discovery import shareable
from drydock.errors import DrydockError, NoCourseFolder, UnknownEngine

#: What JupyterLab opens on, seen from the course's folder.
FIRST = "course/README.md"
#: What JupyterLab is told by us: to show a page of text as a page; not to ask about news over it, nor for updates.
_SETTINGS = resources.package_data("drydock", "jupyter")
#: Ends the child politely; Ctrl-c reaches it by itself, since it shares our terminal, and asks there whether to stop.
_PASSED = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


def lab(folder: Path, *, browser: bool = True, port: int | None = None, extra: Sequence[str] = ()) -> int:
    """Find or boot a Docker, run JupyterLab on ``folder`` until it ends, and return its exit code.

    Where no Docker can be had that is said, and JupyterLab opens all the same: the lessons can be read there, and the
    first cell of each asks again.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise NoCourseFolder(folder)
    with ExitStack() as stack:
        variables: Mapping[str, str] = {}
        try:
            found = stack.enter_context(engine(folder))
            say(f"Docker {found.version}, {found.where}.")
            stock(found)
            variables = found.environment()
        except UnknownEngine:
            raise
        except DrydockError as error:
            say(f"{error}\nJupyterLab opens all the same. The first cell of a lesson asks for a Docker again.")
        return run(command(folder, browser, port, extra), jupyter_environment(variables))


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """The engine that ``start()`` finds, with ``folder`` shared; a machine booted for this is stopped at the end."""
    found = start(shares=shareable(folder), owned=True)
    try:
        yield found
    finally:
        environment.leave()
        if found.booted:
            with step(f"Stopping the machine {found.machine}"):
                found.booted.stop()


def stock(found: Engine) -> None:
    """Make the lessons' images that the engine lacks. Who can't make them may still have use for the rest."""
    if not found.missing:
        return
    try:
        with closing(found.client()) as client:
            images.build(client, [image.name for image in found.missing])
    except DrydockError as error:
        say(str(error))


def command(folder: Path, browser: bool, port: int | None, extra: Sequence[str]) -> list[str]:
    """The JupyterLab that this Python has, as a command line."""
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    if (folder / FIRST).is_file():
        words.append(f"--LabApp.default_url=/lab/tree/{FIRST}")
    if os.name == "posix":
        # Jupyter's own choice is a login shell, whose profile may throw away the PATH that has our programs.
        shell = [os.environ.get("SHELL") or "sh"]
        words.append(f"--ServerApp.terminado_settings={ {'shell_command': shell} }")
    if not browser:
        words.append("--no-browser")
    if port is not None:
        words.append(f"--ServerApp.port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")  # Jupyter asks for the word; who is root here has said it already
    return [*words, *extra]


def jupyter_environment(engine: Mapping[str, str]) -> dict[str, str]:
    """Our environment, with the engine's address, the docker CLI, and the programs of our Python on PATH."""
    variables = dict(os.environ) | dict(engine)
    if platform.is_possible():
        from drydock.machine.artifacts import docker_cli

        variables |= docker_cli.environment()
    own = str(Path(sys.executable).parent)
    variables["PATH"] = os.pathsep.join([own, variables.get("PATH", os.defpath)])
    theirs = variables.get("JUPYTER_CONFIG_PATH")
    variables["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [theirs, str(_SETTINGS)]))
    return variables


def run(words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run the program as a child until it ends, passing on what ends us; return its exit code."""
    child: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, frame: FrameType | None) -> None:
        if child is not None:
            child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        child = subprocess.Popen(list(words), env=dict(variables))
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
