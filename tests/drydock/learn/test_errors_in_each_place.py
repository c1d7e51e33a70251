"""The errors that beginners meet, in a cell, in a line with ``!`` and in a terminal: they fit one screen and help."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pexpect  # type: ignore[import-untyped]
import pytest
from nbclient import NotebookClient

from drydock import lab
from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.learn.cleanup import remove_labelled
from drydock.learn.docker_command import LABEL_VARIABLE
from drydock.learn.terminal import plain_text
from scripts.lesson_reader import COURSE
from tests.machines import BUSYBOX

LESSON = "03_ports"
ROWS, COLUMNS = 24, 80
#: An address at which nothing listens.
CLOSED = "tcp://127.0.0.1:9"
_PROMPT = "next-command: "


@dataclass(frozen=True)
class Mistake:
    """What a beginner types in a cell and in a shell, and words that name the way on."""

    cell: str
    line: str
    way_on: str


MISTAKES = {
    "missing image": Mistake(
        "client.containers.run('busibox')", "docker run busibox", "The nearest name is drydock/busybox:1.37."
    ),
    "name in use": Mistake(
        f"client.containers.create('{BUSYBOX}', name='in-use')",
        f"docker create --name in-use {BUSYBOX}",
        "docker rm -f in-use",
    ),
    "port in use": Mistake(
        f"client.containers.run('{BUSYBOX}', 'true', ports={{'80/tcp': ('127.0.0.1', PORT)}}, detach=True)",
        f"docker run -d -p 127.0.0.1:PORT:80 {BUSYBOX} true",
        "publish another port, such as",
    ),
    "folder": Mistake(
        "import docker; folder = docker.types.Mount('/data', '/nowhere/folder', type='bind')\n"
        f"client.containers.run('{BUSYBOX}', 'ls /data', mounts=[folder])",
        f"docker run --rm --mount type=bind,source=/nowhere/folder,target=/data {BUSYBOX} ls /data",
        "drydock machine start --share",
    ),
    "stopped daemon": Mistake(
        f"import os; os.environ.update(DOCKER_HOST='{CLOSED}', {environment.MARKER}='{CLOSED}')\n"
        "os.environ.pop('DOCKER_TLS_VERIFY', None); import docker\ndocker.from_env()",
        f"env -u DOCKER_TLS_VERIFY DOCKER_HOST={CLOSED} docker ps",
        "cell",
    ),
}


@dataclass(frozen=True)
class Outputs:
    """What each mistake shows, in a cell, in a line with ``!``, and in a terminal."""

    cells: dict[str, str]
    lines: dict[str, str]
    terminal: dict[str, str]


@pytest.fixture(
    scope="module",
    params=[pytest.param("host", marks=pytest.mark.host), pytest.param("machine", marks=pytest.mark.live)],
)
def outputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outputs]:
    """Make every mistake once in each place, with the computer's own Docker and with a machine."""
    engine = request.getfixturevalue(request.param)
    endpoint = engine if request.param == "host" else engine.endpoint
    folder = tmp_path_factory.mktemp("course")
    for name in (f"{LESSON}.ipynb", "tasks", "quizzes", "files"):
        (folder / name).symlink_to(COURSE / name)
    with socket.create_server(("127.0.0.1", 0)) as server, own_objects(endpoint), pytest.MonkeyPatch.context() as patch:
        port = str(server.getsockname()[1])
        variables = lab.jupyter_environment(environment.variables(endpoint)) | {"DRYDOCK_PANEL": "off"}
        variables[LABEL_VARIABLE] = f"{LABEL}={LESSON}"  # a container that could not start stays
        for name, value in variables.items():
            patch.setenv(name, value)
        cells = {name: mistake.cell.replace("PORT", port) for name, mistake in MISTAKES.items()}
        lines = {name: mistake.line.replace("PORT", port) for name, mistake in MISTAKES.items()}
        start = f"import drydock\nlesson = drydock.lesson('{LESSON}')\nclient = lesson.client\n" + cells["name in use"]
        shown = in_notebook(folder, [start, *(f"!{line}" for line in lines.values()), *cells.values()])[1:]
        # The notebook's order: in the last cell the daemon is gone.
        by_line, by_cell = shown[: len(lines)], shown[len(lines) :]
        yield Outputs(
            dict(zip(cells, by_cell, strict=True)),
            dict(zip(lines, by_line, strict=True)),
            dict(zip(lines, in_terminal(folder, list(lines.values())), strict=True)),
        )


@contextmanager
def own_objects(endpoint: Endpoint) -> Iterator[None]:
    """Remove what carries the lesson's label afterwards."""
    try:
        yield
    finally:
        with closing(endpoint.client()) as client:
            remove_labelled(client, f"{LABEL}={LESSON}")


def in_notebook(folder: Path, cells: list[str]) -> list[str]:
    """Run cells in a new kernel as `drydock lab` starts it; return what each shows unfolded."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(
        notebook, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}, timeout=120
    ).execute()
    return ["\n".join(map(unfolded, cell.outputs)) for cell in notebook.cells]


def unfolded(output: nbformat.NotebookNode) -> str:
    """Return what an output shows without a click."""
    if output.output_type == "error":
        return plain_text("\n".join(output.traceback).encode())
    return plain_text(str(output.get("text") or output.data.get("text/plain", "")).encode())


def in_terminal(folder: Path, lines: list[str]) -> list[str]:
    """Type lines into a terminal as `drydock lab` starts it; return what each prints."""
    shell = pexpect.spawn("bash", ["--norc"], cwd=str(folder), env={**os.environ, "PS1": _PROMPT}, encoding="utf-8")
    shell.setwinsize(ROWS, COLUMNS)
    try:
        shell.expect_exact(_PROMPT, timeout=20)
        printed = []
        for line in lines:
            shell.sendline(line)
            shell.expect_exact("\r\n", timeout=20)
            shell.expect_exact(_PROMPT, timeout=60)
            printed.append(plain_text(shell.before.encode()))
    finally:
        shell.close(force=True)
    return printed


def rows(text: str) -> int:
    """Return the rows that a text has on a screen."""
    return sum(max(1, ceil(len(line) / COLUMNS)) for line in text.strip().splitlines())


@pytest.mark.parametrize("place", ["cells", "lines", "terminal"])
@pytest.mark.parametrize("name", MISTAKES)
def test_it_fits_one_screen_and_names_the_way_on(outputs: Outputs, place: str, name: str) -> None:
    """At most 24 rows with no traceback, and what to do next."""
    shown = getattr(outputs, place)[name]
    assert MISTAKES[name].way_on in " ".join(shown.split())
    assert "Traceback" not in shown
    assert rows(shown) <= ROWS, shown


class EmptyDaemon(BaseHTTPRequestHandler):
    """Has no containers: it answers every request but a ping with 404."""

    def do_HEAD(self) -> None:
        """Answer a ping."""
        self.send_response(200)
        self.send_header("Api-Version", "1.41")
        self.end_headers()

    def do_DELETE(self) -> None:
        """Answer that there is no such container."""
        name = unquote(urlsplit(self.path).path.rpartition("/")[2])
        content = json.dumps({"message": f"No such container: {name}"}).encode()
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


@pytest.fixture
def empty_daemon() -> Iterator[str]:
    """The address of a daemon without containers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyDaemon) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_name_of_a_kernel_that_was_restarted(
    empty_daemon: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a new kernel a cell and a line with ``!`` say that the cells above have to run; a terminal has no names."""
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    for name, value in lab.jupyter_environment({"DOCKER_HOST": empty_daemon}).items():
        monkeypatch.setenv(name, value)
    for shown in in_notebook(tmp_path, ["client.containers.list()", "!docker rm -f {web.name}"]):
        assert "is not defined" in shown
        assert "Run All Above Selected Cell" in " ".join(shown.split())
        assert "Traceback" not in shown
        assert rows(shown) <= ROWS


@pytest.mark.skipif(shutil.which("docker") is None, reason="this computer has no docker command")
def test_docker_is_completed_in_a_terminal(tmp_path: Path) -> None:
    """The Tab key completes a command of docker in the shell of a terminal, without changes to the user's files."""
    (tmp_path / ".bashrc").write_text(f"PS1='{_PROMPT}'\n")
    [settings] = [word for word in lab.command(tmp_path, True, None, ()) if "terminado" in word]
    assert "--rcfile" in settings
    variables = {**lab.jupyter_environment({}), "HOME": str(tmp_path), "TERM": "dumb"}
    words = ["--rcfile", str(lab._BASH_SETTINGS)]
    shell = pexpect.spawn("bash", words, cwd=str(tmp_path), env=variables, encoding="utf-8")
    try:
        shell.expect_exact(_PROMPT, timeout=20)
        shell.send("docker netw\t")
        shell.expect_exact("docker network ", timeout=20)
        shell.send("cre\t")
        shell.expect_exact("create ", timeout=20)
    finally:
        shell.close(force=True)
