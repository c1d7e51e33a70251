"""Messages instead of tracebacks, for errors of the system and of docker-py."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import docker
import pytest
import requests
import urllib3

from drydock.core import cli_errors
from drydock.errors import CommandTimedOut, DaemonCallFailed, NoEngine

HELPER = "Credentials store error: StoreError('docker-credential-desktop.exe not installed or not available in PATH')"


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """With the system's reason, and with what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError) as caught:
        (tmp_path / "file" / "folder").mkdir()
    message = str(cli_errors.explained(caught.value))
    assert f"{tmp_path}/file/folder can't be used." in message
    assert "Not a directory" in message
    assert "XDG_DATA_HOME" in message


@pytest.mark.slow
@pytest.mark.parametrize("command", ["drydock progress", "drydock lab --no-browser", "autograder grade service"])
def test_a_folder_that_was_removed_is_a_line(tmp_path: Path, command: str) -> None:
    """A command in it prints where to go, whatever it would have done there."""
    (tmp_path / "gone").mkdir()
    words = ["sh", "-c", f"rmdir ../gone && exec {Path(sys.executable).parent}/{command}"]
    done = subprocess.run(words, cwd=tmp_path / "gone", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The current folder was removed.\n  Next:")


def test_a_missing_credential_helper_is_explained() -> None:
    """docker-py's own message names the program, and ours where its name comes from."""
    message = str(cli_errors.explained(docker.errors.DockerException(HELPER)))
    assert "docker-credential-desktop.exe not installed" in message
    assert "credsStore" in message


def test_connections_and_our_own_errors() -> None:
    """A failed connection, and a daemon that ends during a stream, have a message, too; an error of ours is its own."""
    for error in (requests.ConnectionError("no route"), urllib3.exceptions.ProtocolError("no route")):
        message = cli_errors.explained(error)
        assert isinstance(message, DaemonCallFailed)
        assert "no route" in message.why
    ours = NoEngine([("a", "b")])
    assert cli_errors.explained(ours) is ours


@pytest.mark.parametrize("bug", [KeyError("name"), ValueError("x"), BrokenPipeError()])
def test_a_bug_keeps_its_traceback(bug: Exception) -> None:
    """Nobody could find it by a line; a closed pipe has nobody to read the line."""
    assert cli_errors.explained(bug) is None


def test_a_console_of_any_encoding_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it lacks becomes a question mark."""
    output = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", output)
    cli_errors.use_any_encoding()
    print("9 → 10 ä")
    output.flush()
    assert output.buffer.getvalue() == "9 ? 10 ä\n".encode("latin-1")


@pytest.mark.parametrize("program", ["drydock.cli machine ls", "drydock.cli images ls"])
def test_a_home_that_cannot_be_written_is_a_line(tmp_path: Path, program: str) -> None:
    """Neither a file in its place nor a read-only one is a traceback."""
    (tmp_path / "home").write_text("")
    folders = {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": "", "XDG_CACHE_HOME": "", "DRYDOCK_ENGINE": "machine"}
    environment = {**os.environ, **folders, "DOCKER_HOST": ""}
    command = [sys.executable, "-m", *program.split()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "can't be used" in done.stderr


def test_a_program_that_takes_too_long_is_explained() -> None:
    """The message has the program and the seconds, also where subprocess itself was called."""
    for command in ("apt-get update", ["apt-get", "update"]):
        message = cli_errors.explained(subprocess.TimeoutExpired(command, 600))
        assert isinstance(message, CommandTimedOut)
        assert message.what == "`apt-get update` did not end within 600 s."


def test_an_error_of_ssh_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """docker-py connects by paramiko, which is looked up only where something has imported it."""

    class SSHException(Exception):
        pass

    assert cli_errors.explained(SSHException("no route")) is None
    monkeypatch.setitem(sys.modules, "paramiko.ssh_exception", SimpleNamespace(SSHException=SSHException))
    assert isinstance(cli_errors.explained(SSHException("no route")), DaemonCallFailed)


_PRINTS = "import sys; from drydock.core import cli_errors; print('y', file=sys.stderr); "
_PRINTS += "code = cli_errors.exit_code(lambda: print('x') or 0); print('z', file=sys.stderr); sys.exit(code)"


def test_output_into_a_closed_pipe_is_dropped() -> None:
    """Python reports nothing at its exit, and the stream that is open goes on."""
    read, write = os.pipe()
    os.close(read)
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    command = [sys.executable, "-c", _PRINTS]
    done = subprocess.run(command, env=environment, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "y\nz\n")
