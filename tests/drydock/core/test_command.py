"""Running other programs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drydock.core import command
from drydock.core.waiting import wait_for
from drydock.errors import CommandFailed, CommandTimedOut, ToolsMissing
from tests.leaks import alive


def test_standard_output_is_returned() -> None:
    """Standard output is returned as text, without standard error."""
    script = "import sys; sys.stderr.write('aside'); print(sys.stdin.read().upper())"
    assert command.run([sys.executable, "-c", script], input=b"hello") == "HELLO\n"


def test_folder_and_environment(tmp_path: Path) -> None:
    """The program runs in the given folder with the given environment."""
    script = "import os; print(os.getcwd(), os.environ.get('WHO'))"
    assert command.run([sys.executable, "-c", script], cwd=tmp_path, env={"WHO": "me"}) == f"{tmp_path} me\n"


def test_failure_has_the_last_lines() -> None:
    """The error of a failed program has its exit code and the last lines of its output."""
    script = "import sys; print('\\n'.join(f'line {n}' for n in range(40)), file=sys.stderr); sys.exit(7)"
    with pytest.raises(CommandFailed) as caught:
        command.run([sys.executable, "-c", script])
    assert caught.value.code == 7
    assert "exit code 7" in caught.value.what
    assert caught.value.why.endswith("line 39")
    assert "line 20" not in caught.value.why


def test_failure_without_output() -> None:
    """The error of a program without output has that as its reason."""
    with pytest.raises(CommandFailed, match="printed nothing"):
        command.run([sys.executable, "-c", "raise SystemExit(1)"])


def test_timeout_ends_the_program() -> None:
    """A program that takes longer than its timeout is ended, which is a finished message."""
    with pytest.raises(CommandTimedOut, match=r"did not end within 0\.5 s"):
        command.run([sys.executable, "-c", "import threading; threading.Event().wait()"], timeout=0.5)


@pytest.mark.slow
def test_timeout_ends_processes_in_other_sessions(tmp_path: Path) -> None:
    """A process that the program started in a session of its own is ended with it."""
    pid_file = tmp_path / "pid"
    script = f"setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $! > {pid_file}; wait"
    with pytest.raises(CommandTimedOut):
        command.run(["sh", "-c", script], timeout=1)
    wait_for(lambda: not alive(int(pid_file.read_text())), "the process to end", seconds=60)


def test_programs_in_sbin_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program in a folder that only root's PATH has is found."""
    admin = tmp_path / "sbin"
    admin.mkdir()
    (admin / "mke2fs").write_text("#!/bin/sh\n")
    (admin / "mke2fs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", (str(admin),))
    assert command.find("mke2fs") == str(admin / "mke2fs")
    assert command.find("no-such-program") is None


def test_all_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error for missing programs names all their packages, each once."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", ())
    with pytest.raises(ToolsMissing) as caught:
        command.require(["ssh", "scp", "mke2fs"], "run a machine")
    assert caught.value.packages == ["e2fsprogs", "openssh-client"]


def test_required_programs_have_full_paths() -> None:
    """Each installed program is returned with its full path."""
    assert Path(command.require(["sh"], "test")["sh"]).is_absolute()


def test_missing_files_of_a_program_are_a_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program whose own files are in another package, which is missing, is reported with that package."""
    (tmp_path / "ls-keys.gpg").touch()
    monkeypatch.setattr(command, "_FILES_OF", [("sh", tmp_path, "sh-keys"), ("ls", tmp_path, "ls-keys")])
    with pytest.raises(ToolsMissing) as caught:
        command.require(["sh", "ls"], "test")
    assert caught.value.packages == ["sh-keys"]
