"""The error of a cell whose daemon is gone; tests/course/test_coming_back.py has it with machines and in a browser."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder
from drydock.core.waiting import wait_for
from drydock.learn import ipython_errors
from tests.machines import BUSYBOX

#: An address at which nothing listens.
CLOSED = "tcp://127.0.0.1:9"
LOST = "The Docker daemon of this notebook no longer answers."


@pytest.fixture
def shell() -> Iterator[Any]:
    """An IPython shell with our error handler and the ``%%expect`` magic."""
    shell: Any = InteractiveShell.instance(colors="nocolor")
    shell.run_cell("import docker; from drydock import magics; from drydock.learn import ipython_errors")
    shell.run_cell("magics.load(); ipython_errors.install()")
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.fixture
def lost_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which Drydock selected a daemon that no longer answers."""
    for name in ("DOCKER_HOST", environment.MARKER):
        monkeypatch.setenv(name, CLOSED)
    for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("cell", ["docker.from_env()", "%%expect NotFound\ndocker.from_env()"])
def test_lost_daemon_replaces_the_error(
    shell: Any, lost_daemon: None, cell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cell fails with a short message that has the reason and what to do, without a traceback."""
    assert not shell.run_cell(cell).success
    output = capsys.readouterr().out
    assert LOST in output
    assert f"nothing listens at {CLOSED}" in output
    assert "Start that Docker again" in output
    assert "Traceback" not in output


def test_other_errors_are_shown_as_usual(shell: Any, lost_daemon: None, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that was not raised in docker-py is shown as usual, although the daemon does not answer."""
    shell.run_cell("open('/nowhere')")
    output = capsys.readouterr().out
    assert "FileNotFoundError" in output
    assert "Traceback" in output
    assert LOST not in output


@pytest.mark.host
def test_daemon_that_answers(
    shell: Any, host: Endpoint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that the daemon itself returned is shown in its words, with what to do."""
    for name, value in environment.variables(host).items():
        monkeypatch.setenv(name, value)
    shell.run_cell("client = docker.from_env()\ntry: client.containers.get('nobody')\nfinally: client.close()")
    output = capsys.readouterr().out
    assert "The Docker daemon reports: No such container: nobody" in output
    assert LOST not in output


@pytest.mark.host
def test_run_that_is_interrupted(
    shell: Any, host: Endpoint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody who interrupts `run` without `detach=True` reads that the container runs on; others are as usual."""
    for name, value in environment.variables(host).items():
        monkeypatch.setenv(name, value)
    name = f"interrupted-{os.getpid()}"
    with closing(host.client()) as client:

        def interrupt() -> None:
            wait_for(lambda: client.containers.list(filters={"name": name}), "the container", seconds=60)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            shell.run_cell(f"docker.from_env().containers.run('{BUSYBOX}', 'sleep 600', name='{name}', init=True)")
        finally:
            thread.join()
            client.containers.get(name).remove(force=True)
    # docker-py was reading the container's log. Its frames hold the open connection until they are cleared.
    traceback.clear_frames(sys.last_traceback)
    output = capsys.readouterr().out
    assert "The container runs on." in output
    assert "Traceback" not in output
    shell.run_cell("import signal; signal.raise_signal(signal.SIGINT)")
    output = capsys.readouterr().out
    assert "KeyboardInterrupt" in output
    assert "The container runs on." not in output


@pytest.mark.host
def test_error_of_a_beginner_is_explained(
    shell: Any, host: Endpoint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing image is three lines that name the course's images and the nearest one."""
    for name, value in environment.variables(host).items():
        monkeypatch.setenv(name, value)
    shell.run_cell("client = docker.from_env()\ntry: client.images.get('busibox')\nfinally: client.close()")
    output = capsys.readouterr().out
    assert "The nearest name is drydock/busybox:1.37." in output
    assert "debian:13" in output
    assert "Traceback" not in output


def test_failed_shell_cell(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A ``%%bash`` cell that fails shows its exit code and no traceback; other programs' errors are as usual."""
    assert not shell.run_cell("%%bash\nexit 3").success
    output = capsys.readouterr().out
    assert "exit code 3" in output
    assert "Traceback" not in output
    shell.run_cell("import subprocess; subprocess.run(['false'], check=True)")
    assert "Traceback" in capsys.readouterr().out


def test_a_name_that_the_first_cell_could_not_define(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """After a first cell that failed, a cell that needs its names leads back to it; other names are as usual."""
    assert not shell.run_cell("lesson = open('/nowhere')\nclient = lesson.client").success
    capsys.readouterr()
    assert not shell.run_cell("client.containers.list()").success
    output = capsys.readouterr().out
    assert "The name 'client' is not defined." in output
    assert "If one of them fails, do first what its message says." in output
    assert "Traceback" not in output
    assert not shell.run_cell("mispelt").success
    assert "The name 'mispelt'" not in capsys.readouterr().out


def test_docker_line_without_exclamation_mark(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A docker command in Python is explained, without a traceback; another error of Python's grammar is as usual."""
    assert not shell.run_cell("name = 'web'\ndocker ps --all").success
    output = capsys.readouterr().out
    assert "Python can't read this line: docker ps --all" in output
    assert "Traceback" not in output
    assert not shell.run_cell("docker = = 1").success
    output = capsys.readouterr().out
    assert "SyntaxError" in output
    assert "Python can't read this line" not in output


def test_docker_command_of_two_lines(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The rest of a docker command is explained, indented or not; a line below another command is Python's."""
    for rest in ("    drydock/debian:13 true", "drydock/debian:13 true"):
        shell.run_cell(f"!docker run --rm\n{rest}", store_history=True)
        assert "It is the rest of the docker command above." in capsys.readouterr().out
    shell.run_cell("!docker ps\n\nfor", store_history=True)
    shell.run_cell("!ls\n    x", store_history=True)
    assert "the docker command above" not in capsys.readouterr().out


def test_daemon_that_a_person_selected(lost_daemon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that Drydock did not select is never reported as lost."""
    assert ipython_errors.engine_lost() is not None
    monkeypatch.delenv(environment.MARKER)
    assert ipython_errors.engine_lost() is None


def test_removed_machine(lost_daemon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the removed machine, and says what boots it again."""
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(data_folder() / "machines" / "second" / "tls"))
    error = ipython_errors.engine_lost()
    assert error is not None
    assert error.why == "the machine 'second' was removed"
    assert "Run the notebook's first cell again" in error.next


def test_handler_of_the_user_stays(shell: Any) -> None:
    """An error handler that the user installed is not replaced."""
    shell.set_custom_exc((KeyError,), lambda *_, **__: None)
    assert shell.run_cell("ipython_errors.install()").success
    assert shell.custom_exceptions == (KeyError,)


def test_install_outside_of_ipython() -> None:
    """A plain program can install the handler, which then does nothing."""
    ipython_errors.install()
