"""The one door to other programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core import command
from drydock.core.waiting import wait_for
from drydock.errors import CommandFailed, ToolsMissing
from tests.leaks import alive


def test_returns_what_was_printed() -> None:
    """Standard output comes back as text, standard error does not mix into it."""
    script = "import sys; sys.stderr.write('aside'); print(sys.stdin.read().upper())"
    assert command.run([sys.executable, "-c", script], input=b"hello") == "HELLO\n"


def test_runs_where_and_with_what_it_is_told(tmp_path: Path) -> None:
    """The folder and the environment are those asked for."""
    script = "import os; print(os.getcwd(), os.environ.get('WHO'))"
    assert command.run([sys.executable, "-c", script], cwd=tmp_path, env={"WHO": "me"}) == f"{tmp_path} me\n"


def test_a_failure_tells_the_last_lines() -> None:
    """A program that fails is told by its command, its exit code and the end of what it said."""
    script = "import sys; print('\\n'.join(f'line {n}' for n in range(40)), file=sys.stderr); sys.exit(7)"
    with pytest.raises(CommandFailed) as caught:
        command.run([sys.executable, "-c", script])
    assert caught.value.code == 7
    assert "exit code 7" in caught.value.what
    assert caught.value.why.endswith("line 39")
    assert "line 20" not in caught.value.why


def test_a_failure_without_words_says_so() -> None:
    """A program that fails in silence is reported as silent, not with an empty reason."""
    with pytest.raises(CommandFailed, match="It printed nothing"):
        command.run([sys.executable, "-c", "raise SystemExit(1)"])


def test_a_program_that_takes_too_long_is_ended() -> None:
    """A timeout ends the program instead of waiting for it."""
    with pytest.raises(subprocess.TimeoutExpired):
        command.run([sys.executable, "-c", "import threading; threading.Event().wait()"], timeout=0.5)


def test_a_daemon_it_began_is_ended_with_it(tmp_path: Path) -> None:
    """One in a session of its own, of which the program that is ended had not yet noted the number."""
    told = tmp_path / "pid"
    script = f"setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $! > {told}; wait"
    with pytest.raises(subprocess.TimeoutExpired):
        command.run(["sh", "-c", script], timeout=1)
    wait_for(lambda: not alive(int(told.read_text())), "the daemon's end", seconds=5)


def test_finds_what_only_an_administrator_s_path_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program that Debian keeps in sbin is found though the person's PATH does not look there."""
    admin = tmp_path / "sbin"
    admin.mkdir()
    (admin / "mke2fs").write_text("#!/bin/sh\n")
    (admin / "mke2fs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", (str(admin),))
    assert command.find("mke2fs") == str(admin / "mke2fs")
    assert command.find("no-such-program") is None


def test_names_every_missing_package_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All missing programs are told together, by the packages that bring them, each package once."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(command, "_ADMIN_FOLDERS", ())
    with pytest.raises(ToolsMissing) as caught:
        command.require(["ssh", "scp", "mke2fs"], "run a machine")
    assert caught.value.packages == ["e2fsprogs", "openssh-client"]


def test_gives_the_path_of_each_program() -> None:
    """What is there comes back by name, with its full path."""
    assert Path(command.require(["sh"], "test")["sh"]).is_absolute()
