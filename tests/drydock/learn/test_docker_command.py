"""The docker command of lessons: it labels what is created, explains errors, and passes on the rest as typed."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from drydock.errors import NameLost, NameTaken
from drydock.learn import docker_command

COMMAND = Path(str(resources.files("drydock.learn") / "bin" / "docker"))
LABEL = "io.drydock.owner=03_ports"


@pytest.fixture
def docker(tmp_path: Path) -> Path:
    """A docker that prints its arguments, a line each."""
    program = tmp_path / "docker"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    return program


def typed(docker: Path, *words: str, label: str = LABEL) -> list[str]:
    """What the real docker gets of these words."""
    variables = {"PATH": f"{COMMAND.parent}:{docker.parent}:/usr/bin:/bin", "DRYDOCK_LESSON_LABEL": label}
    done = subprocess.run(["docker", *words], env=variables, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "command",
    ["run", "create", "build", "container run", "image build", "buildx build", "network create", "volume create"],
)
def test_what_creates_is_labelled(docker: Path, command: str) -> None:
    """The label follows the command's own words, also after options of docker itself."""
    words = command.split()
    assert typed(docker, *words, "-d", "x y") == [*words, "--label", LABEL, "-d", "x y"]
    assert typed(docker, "--host", "run", *words, "x") == ["--host", "run", *words, "--label", LABEL, "x"]


@pytest.mark.parametrize("command", ["ps -a", "exec c docker run", "compose up", "volume ls", "image rm x", ""])
def test_everything_else_is_passed_on(docker: Path, command: str) -> None:
    """Nothing is added to a command that creates nothing, or outside of a lesson."""
    assert typed(docker, *command.split()) == (command.split() or [""])
    assert typed(docker, "run", "x", label="") == ["run", "x"]


@pytest.fixture
def failing(docker: Path) -> Path:
    """A docker that reports a name in use, as ``docker run`` does."""
    message = 'docker: Error response from daemon: Conflict. The container name "/web" is already in use by "1".'
    docker.write_text(f"#!/bin/sh\necho started\necho '{message}' >&2\nexit 125\n")
    return docker


def failed(docker: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a failing command prints."""
    variables = {"PATH": f"{COMMAND.parent}:{docker.parent}:/usr/bin:/bin", "DRYDOCK_PYTHON": sys.executable}
    return subprocess.run(["docker", *words], env=variables, capture_output=True, text=True, check=False)


def test_an_error_is_explained(failing: Path) -> None:
    """The daemon's message comes first, then what to do; output and exit code are the command's own."""
    done = failed(failing, "run", "--name", "web", "x")
    assert (done.returncode, done.stdout) == (125, "started\n")
    message, _, rest = done.stderr.partition("\n")
    assert "Conflict" in message
    assert rest.strip() == str(NameTaken("container", "web"))


def test_a_student_s_files_do_not_reach_the_explanation(
    failing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file with the name of one of Python's modules, in the current folder, is not imported."""
    (tmp_path / "mine").mkdir()
    for name in ("random.py", "socket.py", "re.py"):
        (tmp_path / "mine" / name).write_text("raise SystemExit('a student wrote this')")
    monkeypatch.chdir(tmp_path / "mine")
    assert str(NameTaken("container", "web")) in failed(failing, "run", "--name", "web", "x").stderr


def test_a_lost_name_is_explained_though_the_command_succeeds(docker: Path) -> None:
    """`docker rm -f` of a container that isn't there reports an error, and exits with 0."""
    docker.write_text("#!/bin/sh\necho 'Error response from daemon: No such container: {web.name}' >&2\n")
    assert str(NameLost("web")) in failed(docker, "rm", "-f", "{web.name}").stderr
    assert "Why" not in failed(docker, "rm", "-f", "web").stderr


@pytest.mark.parametrize("words", [["exec", "web", "sh"], ["logs", "web"], ["container", "logs", "web"], []])
def test_a_program_s_own_output_is_left_alone(failing: Path, words: list[str]) -> None:
    """Commands that print a container's output are the real docker itself, without a process between."""
    done = failed(failing, *words)
    assert done.returncode == 125
    assert len(done.stderr.splitlines()) == 1


def test_a_signal_reaches_the_command(docker: Path) -> None:
    """A command in the background ends with the signal that ends ours."""
    docker.write_text("#!/bin/sh\ntrap 'echo ended; exit 7' TERM\necho up\nwhile :; do sleep 0.05; done\n")
    variables = {"PATH": f"{COMMAND.parent}:{docker.parent}:/usr/bin:/bin"}
    with subprocess.Popen(["docker", "run", "x"], env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()
        assert process.stdout.read() == "ended\n"
    assert process.returncode == 7


@pytest.mark.parametrize(
    ("words", "on_pipe", "on_terminal"),
    [
        ("run x", True, True),
        ("build .", True, False),
        ("build --progress plain .", True, True),
        ("build -q .", True, True),
        ("compose up", True, False),
        ("exec c sh", False, False),
    ],
)
def test_progress_on_a_terminal_stays(words: str, on_pipe: bool, on_terminal: bool) -> None:
    """A command that draws its progress on a terminal has that terminal for itself."""
    assert docker_command.is_explained(words.split(), on_terminal=False) is on_pipe
    assert docker_command.is_explained(words.split(), on_terminal=True) is on_terminal


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("ps", "ps --format C"),
        ("ps -a -n 3", "ps --format C -a -n 3"),
        ("container ls", "container ls --format C"),
        ("ps -q", "ps -q"),
        ("ps --format {{.ID}}", "ps --format {{.ID}}"),
        ("images", "images"),
    ],
)
def test_columns_of_ps(words: str, shown: str) -> None:
    """A list of containers gets the columns, unless the command chooses what it prints."""
    assert docker_command.formatted(words.split(), "C") == shown.split()
    assert docker_command.formatted(words.split(), "") == words.split()


def test_a_machine_refuses_what_it_cannot_have(docker: Path, tmp_path: Path) -> None:
    """A port of this computer that is in use, or a folder that is not shared: the docker command is not called."""
    machine = tmp_path / "machines" / "default"
    (machine / "tls").mkdir(parents=True)
    (machine / "settings.json").write_text(json.dumps({"shares": [str(tmp_path)]}))
    variables = {"PATH": f"{COMMAND.parent}:{docker.parent}:/usr/bin:/bin", "DOCKER_CERT_PATH": f"{machine}/tls"}

    def done(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["docker", *words], env=variables, capture_output=True, text=True, check=False)

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        refused = done("run", "-d", "-p", f"{port}:80", "x")
    assert (refused.returncode, refused.stdout) == (125, "")
    assert f"Port {port}/tcp" in refused.stderr
    assert len(refused.stderr.splitlines()) == 3
    refused = done("run", "-v", "/home/nobody:/data", "x")
    assert (refused.returncode, refused.stdout) == (125, "")
    assert "drydock machine start --share /home/nobody" in refused.stderr
    assert done("run", "-v", f"{tmp_path}:/data", "x").stdout.splitlines()[0] == "run"


def test_damaged_settings_of_a_machine_are_a_message(docker: Path, tmp_path: Path) -> None:
    """Before a container starts its machine's settings are read; the message has the file, and no traceback."""
    machine = tmp_path / "machines" / "default"
    (machine / "tls").mkdir(parents=True)
    (machine / "settings.json").write_text("")
    variables = {"PATH": f"{COMMAND.parent}:{docker.parent}:/usr/bin:/bin", "DOCKER_CERT_PATH": f"{machine}/tls"}
    done = subprocess.run(["docker", "run", "x"], env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (125, "")
    assert f"{machine}/settings.json is damaged" in done.stderr
    assert len(done.stderr.splitlines()) == 3


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("rm -f {web.name}", ["{web.name}"]),
        ("run -v {here}/x:/y {images[0]}", ["{here}", "{images[0]}"]),
        ("run -v ${HOME}/x:/y -e A=${A} x", []),
        ("ps --format {{.Names}} {{json}}", []),
        ("run x awk {print $1} {a,b} {.Id}", []),
    ],
)
def test_names_that_ipython_could_not_replace(line: str, names: list[str]) -> None:
    """Only Python names in braces; formats of Docker and programs in a shell are none."""
    assert docker_command.lost_names(line.split()) == names
