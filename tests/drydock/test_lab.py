"""``drydock lab``: JupyterLab with a Docker engine; a machine booted for it stops with it."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drydock import lab
from drydock.core import platform
from drydock.core.endpoint import Endpoint
from drydock.core.waiting import wait_for
from drydock.engine import Engine
from drydock.engine.providers.candidate import Candidate
from drydock.errors import NoCourseFolder, UnknownEngine

ROOT = Path(__file__).parents[2]


def test_first_page(tmp_path: Path) -> None:
    """In a folder with the course JupyterLab opens the page of lessons first; in another folder it has no default."""
    assert "default_url" not in " ".join(lab.command(tmp_path, True, None, ()))
    lab.prepare(tmp_path, {})
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "course").mkdir()
    (tmp_path / lab.FIRST).write_text((ROOT / lab.FIRST).read_text())
    lab.prepare(tmp_path, {})
    assert not (tmp_path / lab.START).exists()  # any project has a README.md
    (tmp_path / "course" / "tasks").mkdir()
    assert f"--LabApp.default_url=/lab/tree/{lab.FIRST}" in lab.command(tmp_path, True, None, ())
    lab.prepare(tmp_path, {})
    assert f"--LabApp.default_url=/lab/tree/{lab.START}" in lab.command(tmp_path, True, None, ())
    assert "Start here" in (tmp_path / lab.START).read_text()


def test_what_a_student_wrote_into_a_page_file_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Opening JupyterLab a second time overwrites no page that was changed, and names each."""
    (tmp_path / "course" / "tasks").mkdir(parents=True)
    (tmp_path / lab.FIRST).write_text((ROOT / lab.FIRST).read_text())
    lab.prepare(tmp_path, {})
    for page in (tmp_path / lab.START, tmp_path / "course" / "cheat-sheet.md"):
        page.write_text(f"{page.read_text()}my own line\n")
    capsys.readouterr()
    lab.prepare(tmp_path, {})
    printed = capsys.readouterr().err
    for page in (tmp_path / lab.START, tmp_path / "course" / "cheat-sheet.md"):
        assert page.read_text().endswith("my own line\n")
        assert f"{page} has your own text" in printed
    assert "notes.md" not in printed


def test_options_of_jupyter(tmp_path: Path) -> None:
    """Our options become Jupyter's, and arguments after ``--`` are passed on."""
    command = lab.command(tmp_path, False, 9000, ["--debug"])
    assert command[1:3] == ["-m", "drydock.lab_server"]
    assert f"--ServerApp.root_dir={tmp_path}" in command
    assert {"--no-browser", "--ServerApp.port=9000"} < set(command)
    assert command[-1] == "--debug"


def test_terminals_keep_the_path(tmp_path: Path) -> None:
    """The shell of JupyterLab's terminals is no login shell, whose profile may replace the PATH with our programs."""
    [settings] = [word for word in lab.command(tmp_path, True, None, ()) if "terminado" in word]
    assert "-l" not in settings
    assert "shell_command" in settings


def test_terminals_start_beside_the_lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal starts in the folder of the lessons, or in the folder in which JupyterLab opens it."""
    program = tmp_path / "shell"
    program.write_text("#!/bin/sh\npwd\n")
    program.chmod(0o755)
    monkeypatch.setenv("SHELL", str(program))
    monkeypatch.chdir(tmp_path)
    [settings] = [word for word in lab.command(tmp_path, True, None, ()) if "terminado" in word]
    command = ast.literal_eval(settings.partition("=")[2])["shell_command"]

    def started_in(folder: Path) -> Path:
        done = subprocess.run(
            command, cwd=folder, env=lab.jupyter_environment({}), capture_output=True, text=True, check=True
        )
        return Path(done.stdout.strip())

    assert started_in(tmp_path) == tmp_path
    (tmp_path / "course").mkdir()
    (tmp_path / "other").mkdir()
    assert started_in(tmp_path) == tmp_path / "course"
    assert started_in(tmp_path / "other") == tmp_path / "other"


def test_environment_of_jupyter() -> None:
    """It has the engine's address, and first on PATH the lessons' docker command and this Python's programs."""
    variables = lab.jupyter_environment({"DOCKER_HOST": "unix:///somewhere"})
    assert variables["DOCKER_HOST"] == "unix:///somewhere"
    docker, programs, *_ = variables["PATH"].split(os.pathsep)
    assert os.access(Path(docker) / "docker", os.X_OK)
    assert programs == str(Path(sys.executable).parent)


def test_configured_settings_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of settings that a person configured for JupyterLab comes before ours."""
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/configured")
    configured, student, ours = lab.jupyter_environment({})["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert configured == "/configured"
    for folder in (student, ours):
        assert json.loads((Path(folder) / "labconfig" / "page_config.json").read_text())


def test_only_an_instructor_has_the_tools_for_teachers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student's JupyterLab loads no extension of nbgrader, neither in the server nor in the browser."""
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    code = (
        "from jupyterlab_server.config import get_page_config; from jupyter_server.extension.config import "
        "ExtensionConfigManager; from jupyter_core.paths import jupyter_config_path\n"
        "manager = ExtensionConfigManager(read_config_path=jupyter_config_path())\n"
        "print('@jupyter/nbgrader' in get_page_config([]).get('disabledExtensions', []),"
        "any(on for name, on in manager.get_jpserver_extensions().items() if name.startswith('nbgrader')))"
    )
    for instructor, expected in ((False, "True False\n"), (True, "False True\n")):
        variables = lab.jupyter_environment({}, instructor)
        output = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
        assert output.stdout == expected


def test_a_home_that_cannot_be_written_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Jupyter gets a temporary one, which is removed; Docker's settings stay the user's."""
    with lab.writable_home() as variables:
        assert variables == {}
    monkeypatch.setenv("HOME", str(tmp_path / "missing"))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    with lab.writable_home() as variables:
        assert Path(variables["HOME"]).is_dir()
        assert variables["DOCKER_CONFIG"] == str(tmp_path / "missing" / ".docker")
    assert not Path(variables["HOME"]).exists()
    assert "can't be written" in capfd.readouterr().err


def test_a_user_without_a_home_folder_gets_one(no_home: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Jupyter's own files and Docker's settings are in a temporary one, and our docker command is no obstacle."""
    with lab.writable_home() as variables:
        assert Path(variables["HOME"]).is_dir()
        assert Path(variables["DOCKER_CONFIG"]).parent == Path(variables["HOME"])
    assert "You have no home folder" in capfd.readouterr().err
    assert lab.jupyter_environment({"DOCKER_HOST": "unix:///x"})["DOCKER_HOST"] == "unix:///x"


def test_a_program_that_takes_too_long_does_not_keep_jupyterlab_from_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A slow mirror of Debian's packages is a message, and the lessons can be read."""

    def slow(**options: object) -> Engine:
        raise subprocess.TimeoutExpired(["apt-get", "install"], 1200)

    monkeypatch.setattr(lab, "start", slow)
    monkeypatch.setattr(lab, "prepare", lambda folder, home: None)
    monkeypatch.setattr(lab, "run", lambda words, variables: 7)
    assert lab.lab(tmp_path) == 7
    printed = capfd.readouterr().err
    assert "`apt-get install` did not end within 1200 s." in printed
    assert "JupyterLab opens without Docker." in printed


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that does not exist is an error before anything is booted."""
    with pytest.raises(NoCourseFolder, match="nowhere"):
        lab.lab(tmp_path / "nowhere")


def test_unknown_kind_of_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an engine JupyterLab opens all the same, but a misspelt kind of engine is an error."""
    monkeypatch.setenv("DRYDOCK_ENGINE", "machin")
    with pytest.raises(UnknownEngine):
        lab.lab(tmp_path)


def test_exit_code_of_the_child() -> None:
    """The exit code is the child's, which runs in the given environment."""
    command = [sys.executable, "-c", "import os; raise SystemExit(int(os.environ['CODE']))"]
    assert lab.run(command, {**os.environ, "CODE": "7"}) == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_are_passed_on(number: signal.Signals) -> None:
    """A signal that asks us to exit is passed on to the child, and we wait for the child."""
    child = (
        f"import signal, sys; signal.signal({number}, lambda *_: sys.exit(5)); print('up', flush=True); signal.pause()"
    )
    script = (
        f"from drydock import lab; import os, sys; sys.exit(lab.run([sys.executable, '-c', {child!r}], os.environ))"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        assert process.wait(timeout=20) == 5


def test_no_missing_images() -> None:
    """For an engine with all images the daemon gets no request: this one does not even exist."""
    candidate = Candidate("local socket", "host", "it answers", Endpoint("unix:///nowhere"))
    lab.build_missing_images(Engine(Endpoint("unix:///nowhere"), "26", "1.45", "Debian", "here", candidate, ()))


@pytest.mark.live
@pytest.mark.timeout(600)
def test_machine_stops_with_jupyter(tmp_path: Path) -> None:
    """Without another engine a machine is booted with the folder shared, and it is stopped when JupyterLab exits."""
    result = tmp_path / "result.json"
    (tmp_path / "note").write_text("shared")
    script = (
        "import docker, json, os, sys; from pathlib import Path; folder = sys.argv[1]; client = docker.from_env();"
        "output = client.containers.run('drydock/busybox:1.37', 'cat /f/note', volumes=[f'{folder}:/f'], remove=True);"
        "client.close(); result = [output.decode(), os.environ['DOCKER_HOST']];"
        "Path(folder, 'result.json').write_text(json.dumps(result))"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRYDOCK_ENGINE", "machine")
        patch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # a folder without machines of other tests
        before = dict(os.environ)
        with lab.engine(tmp_path) as engine:
            lab.run([sys.executable, "-c", script, str(tmp_path)], lab.jupyter_environment(engine.environment()))
            assert engine.booted_machine is not None
            machine = engine.booted_machine
        assert dict(os.environ) == before
    output, host = json.loads(result.read_text())
    assert output == "shared"
    assert host == engine.endpoint.host
    wait_for(lambda: not machine.is_running(), "the machine to stop", seconds=60)
    assert machine.name == platform.DEFAULT_MACHINE
    machine.remove()
    assert not machine.exists()
