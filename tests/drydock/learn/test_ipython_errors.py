"""A cell that finds its Docker gone (with a machine, and in a browser: tests/course/test_coming_back.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder
from drydock.learn import ipython_errors

#: An address where nobody listens.
NOBODY = "tcp://127.0.0.1:9"
LOST = "The Docker daemon of this notebook no longer answers."


@pytest.fixture
def shell() -> Iterator[Any]:
    """An IPython that looks at what fails, with the ``%%expect`` magic."""
    shell: Any = InteractiveShell.instance(colors="nocolor")
    shell.run_cell("import docker; from drydock import magics; from drydock.learn import ipython_errors")
    shell.run_cell("magics.load(); ipython_errors.watch()")
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drydock gave this process a daemon that has gone since."""
    for name in ("DOCKER_HOST", environment.VARIABLE):
        monkeypatch.setenv(name, NOBODY)
    for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("cell", ["docker.from_env()", "%%expect NotFound\ndocker.from_env()"])
def test_what_to_do_takes_the_errors_place(
    shell: Any, silent: None, cell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was seen and what to do are a few lines, and the cell has failed."""
    assert not shell.run_cell(cell).success
    said = capsys.readouterr().out
    assert LOST in said
    assert f"nothing listens at {NOBODY}" in said
    assert "start that Docker again" in said
    assert "Traceback" not in said


def test_other_errors_are_shown_as_ever(shell: Any, silent: None, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that isn't there has nothing to do with the daemon, silent or not."""
    shell.run_cell("open('/nowhere')")
    said = capsys.readouterr().out
    assert "FileNotFoundError" in said
    assert "Traceback" in said
    assert LOST not in said


@pytest.mark.host
def test_a_daemon_that_answers_is_not_lost(
    shell: Any, host: Endpoint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a daemon itself says no to is shown as ever."""
    for name, value in environment.environment(host).items():
        monkeypatch.setenv(name, value)
    shell.run_cell("client = docker.from_env()\ntry: client.containers.get('nobody')\nfinally: client.close()")
    said = capsys.readouterr().out
    assert "NotFound" in said
    assert LOST not in said


def test_an_address_of_ones_own_is_ones_own(silent: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a daemon that Drydock did not give, nothing is said."""
    assert ipython_errors.trouble() is not None
    monkeypatch.delenv(environment.VARIABLE)
    assert ipython_errors.trouble() is None


def test_a_machine_that_was_removed(silent: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the machine, and what brings one back."""
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(data_folder() / "machines" / "second" / "tls"))
    trouble = ipython_errors.trouble()
    assert trouble is not None
    assert trouble.why == "the machine 'second' was removed"
    assert "Run the notebook's first cell again" in trouble.next


def test_somebodys_own_handler_stays(shell: Any) -> None:
    """Who looks at errors already goes on doing so."""
    shell.set_custom_exc((KeyError,), lambda *_, **__: None)
    shell.run_cell("lost.watch()")
    assert shell.custom_exceptions == (KeyError,)


def test_outside_of_ipython_nothing_happens() -> None:
    """A plain program may start Drydock as well."""
    ipython_errors.watch()
