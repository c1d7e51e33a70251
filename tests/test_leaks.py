"""The check after all tests finds what they leave behind."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL, socket_folder
from tests import leaks


def test_a_process_is_noticed_while_it_lives() -> None:
    """A process that a test started, also one started by that one, is found by what it inherited."""
    variable = f"DRYDOCK_TEST_SESSION={secrets.token_hex(8)}"
    name, _, value = variable.partition("=")
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen(
        [sys.executable, "-c", child], env={**os.environ, name: value}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        assert len(leaks.processes(variable)) == 2
        running.communicate(b"\n")
    assert leaks.processes(variable) == []


def test_another_run_is_noticed_while_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its reaper; the one of the run itself does not count."""
    monkeypatch.setattr(leaks, "REAPER", f"DRYDOCK_TEST_{secrets.token_hex(8)}")
    words = [sys.executable, "-c", "print(flush=True); input()"]
    environment = {**os.environ, leaks.REAPER: "1"}
    with subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reaper:
        assert reaper.stdout is not None
        reaper.stdout.readline()
        assert leaks.other_runs(0)
        assert not leaks.other_runs(reaper.pid)
        reaper.communicate(b"\n")
    assert not leaks.other_runs(0)


def test_machines_and_socket_folders_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine's folder and a socket's folder that are still there are each reported."""
    runtime = tmp_path / "run"
    (tmp_path / "drydock" / "machines" / "forgotten").mkdir(parents=True)
    runtime.mkdir()
    (runtime / "drydock-forgotten-1").mkdir()
    assert leaks.files(tmp_path, runtime) == ["machine forgotten", f"folder {runtime}/drydock-forgotten-1"]


def test_a_socket_folder_lies_where_the_check_looks() -> None:
    """During the tests, socket folders are made in the folder that the check looks through."""
    folder = socket_folder("probe")
    try:
        assert str(folder.parent) == os.environ["XDG_RUNTIME_DIR"]
    finally:
        folder.rmdir()


@pytest.mark.host
def test_a_labelled_volume_is_noticed(host: Endpoint) -> None:
    """A volume with our label in the host's daemon is found, and one without is not."""
    client = host.client()
    ours = client.volumes.create(labels={LABEL: "test"})
    other = client.volumes.create()
    try:
        objects = leaks.labelled(host)
        assert f"volume {ours.name}" in objects
        assert f"volume {other.name}" not in objects
    finally:
        ours.remove()
        other.remove()
        client.close()
