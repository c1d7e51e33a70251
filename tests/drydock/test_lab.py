"""``drydock lab``: JupyterLab with a Docker behind it, and nothing left when it ends."""

from __future__ import annotations

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


def test_it_opens_on_the_first_page(tmp_path: Path) -> None:
    """In the course's folder JupyterLab opens on its page of lessons, elsewhere on nothing in particular."""
    assert f"--LabApp.default_url=/lab/tree/{lab.FIRST}" in lab.command(ROOT, True, None, ())
    assert "default_url" not in " ".join(lab.command(tmp_path, True, None, ()))
    assert (ROOT / lab.FIRST).is_file()


def test_its_options_are_jupyters(tmp_path: Path) -> None:
    """Options become Jupyter's own, and what follows ``--`` is passed on as it is."""
    words = lab.command(tmp_path, False, 9000, ["--debug"])
    assert words[1:3] == ["-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={tmp_path}" in words
    assert {"--no-browser", "--ServerApp.port=9000"} < set(words)
    assert words[-1] == "--debug"


def test_a_terminal_keeps_our_path(tmp_path: Path) -> None:
    """Its shell is no login shell: the profile of one would throw away the PATH that has our programs."""
    [settings] = [word for word in lab.command(tmp_path, True, None, ()) if "terminado" in word]
    assert "-l" not in settings
    assert "shell_command" in settings


def test_what_it_starts_finds_our_programs() -> None:
    """The engine's address is in the environment, and this Python's programs come first on PATH."""
    variables = lab.jupyter_environment({"DOCKER_HOST": "unix:///somewhere"})
    assert variables["DOCKER_HOST"] == "unix:///somewhere"
    assert variables["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_jupyters_own_settings_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our settings for JupyterLab stand behind those that somebody else has put on the path."""
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/theirs")
    theirs, ours = lab.jupyter_environment({})["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert theirs == "/theirs"
    assert json.loads((Path(ours) / "labconfig" / "page_config.json").read_text())


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A folder that isn't there is told before anything is booted."""
    with pytest.raises(NoCourseFolder, match="nowhere"):
        lab.lab(tmp_path / "nowhere")


def test_a_misspelt_wish_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any Docker JupyterLab opens all the same, but not on a wish that nobody could have."""
    monkeypatch.setenv("DRYDOCK_ENGINE", "machin")
    with pytest.raises(UnknownEngine):
        lab.lab(tmp_path)


def test_its_end_is_the_childs() -> None:
    """The child's exit code is ours, and it sees the environment it was given."""
    words = [sys.executable, "-c", "import os; raise SystemExit(int(os.environ['CODE']))"]
    assert lab.run(words, {**os.environ, "CODE": "7"}) == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_are_passed_on(number: signal.Signals) -> None:
    """What asks us to end reaches the child, which ends in its own way; ours is to wait for it."""
    child = (
        f"import signal, sys; signal.signal({number}, lambda *_: sys.exit(5)); print('up', flush=True); signal.pause()"
    )
    ours = f"from drydock import lab; import os, sys; sys.exit(lab.run([sys.executable, '-c', {child!r}], os.environ))"
    with subprocess.Popen([sys.executable, "-c", ours], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        assert process.wait(timeout=20) == 5


def test_an_engine_that_lacks_nothing_is_left_alone() -> None:
    """With all images there, nobody even asks the daemon."""
    taken = Candidate("local socket", "host", "it answers", Endpoint("unix:///nowhere"))
    lab.build_missing_images(Engine(Endpoint("unix:///nowhere"), "26", "1.45", "Debian", "here", taken, ()))


@pytest.mark.live
@pytest.mark.timeout(600)
def test_a_machine_comes_and_goes_with_it(tmp_path: Path) -> None:
    """Where there is only a machine, it is booted with the folder shared, and it's gone when Jupyter ended."""
    seen = tmp_path / "seen.json"
    (tmp_path / "note").write_text("shared")
    look = (
        "import docker, json, os, sys; from pathlib import Path; folder = sys.argv[1]; client = docker.from_env();"
        "said = client.containers.run('drydock/busybox:1.37', 'cat /f/note', volumes=[f'{folder}:/f'], remove=True);"
        "client.close(); seen = [said.decode(), os.environ['DOCKER_HOST']];"
        "Path(folder, 'seen.json').write_text(json.dumps(seen))"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRYDOCK_ENGINE", "machine")
        patch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # where no other test's machine runs
        before = dict(os.environ)
        with lab.engine(tmp_path) as found:
            lab.run([sys.executable, "-c", look, str(tmp_path)], lab.jupyter_environment(found.environment()))
            assert found.booted_machine is not None
            machine = found.booted_machine
        assert dict(os.environ) == before
    said, host = json.loads(seen.read_text())
    assert said == "shared"
    assert host == found.endpoint.host
    wait_for(lambda: not machine.is_running(), "the machine to be gone", seconds=5)
    assert machine.name == platform.DEFAULT_MACHINE_MACHINE
    machine.remove()
    assert not machine.exists()
