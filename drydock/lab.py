"""``drydock lab``: JupyterLab on the course, with an engine for its lessons; a machine booted for it stops with it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType

from drydock import course_setup, images
from drydock.core import cli_errors, environment, paths, platform, resources
from drydock.core.progress import print_line, step
from drydock.engine import Engine, start
from drydock.engine.discovery import shareable
from drydock.errors import NoCourseFolder, NoHome, UnknownEngine
from drydock.learn import docker_command, docker_path, lab_workspace, page_file, start_page, trust
from drydock.learn.pages import course_pages

#: The page that JupyterLab opens first, from the folder it is opened on.
FIRST = "course/README.md"
#: The same page with the student's progress, which :func:`prepare` writes.
START = f"course/{start_page.NAME}"
#: Settings for JupyterLab: open Markdown as a page, ask no questions about news and updates over it, and start kernels
#: that explain a lost name. Its folder ``student`` turns off nbgrader's tools for teachers.
_SETTINGS = resources.package_data("drydock", "jupyter")
#: A lesson's terminal is narrower than docker's own table, which has the command and the time of creation too.
#: A port is listed once, and not for IPv6 again. For the heading, docker has no functions that split.
_PORT = '{{$host := index (split . ":") 0}}{{if and $host (ne $host "[")}}{{.}} {{end}}'
_PORTS = f'{{{{if eq .Ports "PORTS"}}}}PORTS{{{{else}}}}{{{{range split .Ports ", "}}}}{_PORT}{{{{end}}}}{{{{end}}}}'
_PS_FORMAT = rf"table {{{{.ID}}}}\t{{{{.Names}}}}\t{{{{.Image}}}}\t{{{{.Status}}}}\t{_PORTS}"
#: Starts the shell $0 of a terminal with the options after $1, which is the folder of the lessons; in that folder,
#: unless the terminal was opened in another one.
_SHELL = '[ "$PWD" != "$DRYDOCK_STARTED_IN" ] || [ ! -d "$1" ] || cd "$1"; shift; exec "$0" "$@"'
#: Adds the completion of docker to the user's own settings of bash.
_BASH_SETTINGS = _SETTINGS / "terminal.bash"
#: Serves a lesson with the metadata that its kernel would add.
_CONTENTS = "drydock.learn.lesson_contents.LessonContents"
#: Signals passed on to JupyterLab. Ctrl-C reaches it by itself, through the terminal, and it asks whether to stop.
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


def lab(
    folder: Path,
    *,
    browser: bool = True,
    port: int | None = None,
    instructor: bool = False,
    extra: Sequence[str] = (),
) -> int:
    """Find or boot an engine, run JupyterLab on ``folder`` until it exits, and return its exit code.

    An ``instructor`` gets nbgrader's tools for teachers too.

    Without an engine JupyterLab opens all the same, after the reason is printed: the lessons can be read, and the first
    cell of each looks for an engine again.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise NoCourseFolder(folder)
    with ExitStack() as stack:
        variables: Mapping[str, str] = {}
        try:
            selected = stack.enter_context(engine(folder))
            print_line(f"Docker {selected.version}, {selected.location}.")
            build_missing_images(selected)
            variables = selected.environment()
        except UnknownEngine:
            raise
        except Exception as error:
            print_line(
                f"{_message(error)}\nJupyterLab opens without Docker. The first cell of a lesson looks for it again."
            )
        home = stack.enter_context(writable_home())
        prepare(folder, home)
        return run(command(folder, browser, port, extra), jupyter_environment(variables, instructor) | home)


def prepare(folder: Path, home: Mapping[str, str]) -> None:
    """Write the pages that are made from the lessons, and trust the course's notebooks that have no outputs yet.

    One of the pages is the first one, with the student's progress. A terminal stands below it in a JupyterLab that has
    no layout yet.

    Jupyter shows a notebook as not trusted until it has run once here; without outputs there is nothing to distrust.
    """
    lessons = folder / course_setup.LESSONS
    kept = course_pages.write(lessons)
    if start_page.write(lessons):
        if os.name == "posix":
            lab_workspace.write(START, {**os.environ, **home})
    elif page_file.is_changed(folder / START):
        kept.append(start_page.NAME)
    for name in kept:
        print_line(f"{lessons / name} has your own text, so it stays as it is. Rename it to get Drydock's page again.")
    notebooks = [*folder.glob(f"{course_setup.LESSONS}/*.ipynb"), *folder.glob(f"{course_setup.ASSIGNMENTS}/*/*.ipynb")]
    data = Path(home["HOME"], "jupyter") if home else None
    try:
        trust.sign_without_outputs(notebooks, data)
    except (OSError, sqlite3.Error) as error:
        print_line(f"Jupyter shows the lessons as not trusted until you run them: {error}")


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """Yield the engine that ``start()`` finds, with ``folder`` shared; stop a machine that was booted for it."""
    selected = start(shares=shareable(folder), owned=True)
    try:
        yield selected
    finally:
        environment.restore()
        if selected.booted_machine:
            with step(f"Stopping the machine {selected.machine}"):
                selected.booted_machine.stop()


def build_missing_images(engine: Engine) -> None:
    """Build the lessons' images that the engine lacks; a failure is printed, since lessons work without some images."""
    if not engine.missing_images:
        return
    try:
        with closing(engine.client()) as client:
            images.build(client, [image.name for image in engine.missing_images])
    except Exception as error:
        print_line(_message(error))


def _message(error: Exception) -> str:
    """Return the message for an error that a person can act on; raise a bug again."""
    message = cli_errors.explained(error)
    if message is None:
        raise error
    return str(message)


@contextmanager
def writable_home() -> Iterator[dict[str, str]]:
    """Yield variables with a temporary home folder for Jupyter, if the user has none that can be written; else none."""
    home = _own_home()
    if home is not None and os.access(home, os.W_OK):
        yield {}
        return
    try:
        place = tempfile.gettempdir()
    except FileNotFoundError:  # also /tmp is read-only; memory may be left
        place = "/dev/shm"
    with tempfile.TemporaryDirectory(prefix="drydock-home-", dir=place) as folder:
        reason = f"{home} can't be written" if home else "You have no home folder"
        print_line(f"{reason}, so Jupyter's own files go to {folder} and are removed at the end.")
        docker = os.environ.get("DOCKER_CONFIG", str((home or Path(folder)) / ".docker"))
        yield {"HOME": folder, "TMPDIR": folder, "DOCKER_CONFIG": docker}


def _own_home() -> Path | None:
    try:
        return paths.home()
    except NoHome:
        return None


def command(folder: Path, browser: bool, port: int | None, extra: Sequence[str]) -> list[str]:
    """Return the command line of the JupyterLab that this Python has."""
    words = [sys.executable, "-m", "drydock.lab_server", f"--ServerApp.root_dir={folder}"]
    words.append(f"--ServerApp.contents_manager_class={_CONTENTS}")
    first = next((page for page in (START, FIRST) if (folder / page).is_file()), None)
    if first is not None:
        words.append(f"--LabApp.default_url=/lab/tree/{first}")
    if os.name == "posix":
        # Jupyter's default is a login shell, whose profile may replace the PATH with our programs.
        shell = ["sh", "-c", _SHELL, *_shell(str(folder / course_setup.LESSONS))]
        words.append(f"--ServerApp.terminado_settings={ {'shell_command': shell} }")
    if not browser:
        words.append("--no-browser")
    if port is not None:
        words.append(f"--ServerApp.port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")  # Jupyter refuses to run as root without it
    return [*words, *extra]


def _shell(lessons: str) -> list[str]:
    """Return the user's shell, the folder of the lessons, and the shell's options; bash where there is only ``sh``."""
    shell = os.environ.get("SHELL") or "sh"
    if Path(shell).name in ("sh", "dash"):
        shell = shutil.which("bash") or shell
    options = ["--rcfile", str(_BASH_SETTINGS)] if Path(shell).name == "bash" else []
    return [shell, lessons, *options]


def jupyter_environment(engine: Mapping[str, str], instructor: bool = False) -> dict[str, str]:
    """Return this environment with the engine's address, the docker command, Python's programs and our settings."""
    variables = dict(os.environ) | dict(engine)
    if platform.supports_machines():
        from drydock.machine.artifacts import docker_cli

        try:
            variables |= docker_cli.environment()
        except (OSError, NoHome) as error:
            print_line(_message(error))
    programs = str(Path(sys.executable).parent)
    variables["PATH"] = os.pathsep.join([programs, variables.get("PATH", os.defpath)])
    variables |= docker_path.environment(variables)
    variables.setdefault(docker_command.PS_VARIABLE, _PS_FORMAT)
    variables["DRYDOCK_STARTED_IN"] = str(Path.cwd())
    settings = [_SETTINGS] if instructor else [_SETTINGS / "student", _SETTINGS]
    _append(variables, "JUPYTER_CONFIG_PATH", settings)
    _append(variables, "JUPYTER_PATH", [_SETTINGS])
    return variables


def _append(variables: dict[str, str], name: str, folders: Sequence[Path]) -> None:
    """Add folders to a variable with a list of them; what a person has set there comes first."""
    variables[name] = os.pathsep.join(filter(None, [variables.get(name), *map(str, folders)]))


def run(words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a program as a child until it exits, pass on signals to it, and return its exit code."""
    child: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, frame: FrameType | None) -> None:
        if child is not None:
            child.send_signal(number)

    handlers = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    handlers[signal.SIGINT] = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        child = subprocess.Popen(list(words), env=dict(variables))
        return child.wait()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
