"""The wall: what is behind it sees nothing of this computer, and where none can stand that is told with a way out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.errors import NoWall
from drydock.machine import walls


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """Each test finds out for itself whether a wall can stand."""
    walls.why_not.cache_clear()
    yield
    walls.why_not.cache_clear()


def behind(script: str, **options: object) -> str:
    """What a shell script prints behind the wall."""
    words = [*walls.prefix(**options), "/bin/sh", "-c", script]  # type: ignore[arg-type]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    return (done.stdout + done.stderr).strip()


@pytest.mark.wall
def test_one_can_stand_here() -> None:
    """The tests' own ground: without this, what follows would prove nothing."""
    walls.check()


@pytest.mark.wall
def test_files_are_out_of_sight(tmp_path: Path) -> None:
    """Neither a file of ours, nor our home, nor the passwords' file is there; what is given is."""
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen" / "word").write_text("given")
    (tmp_path / "canary").write_text("kept")
    said = behind(f"cat {tmp_path}/seen/word; cat {tmp_path}/canary; ls {Path.home()} /etc", read=[tmp_path / "seen"])
    assert said.startswith("given")
    assert said.count("No such file") == 3
    assert "kept" not in said


@pytest.mark.wall
def test_what_is_read_only_stays_so(tmp_path: Path) -> None:
    """It can write where it was told to and nowhere else."""
    for name in ("read", "write"):
        (tmp_path / name).mkdir()
    behind(
        f"touch {tmp_path}/read/x {tmp_path}/write/x /usr/x",
        read=[tmp_path / "read"], write=[tmp_path / "write"],
    )  # fmt: skip
    assert [path.name for path in tmp_path.rglob("x")] == ["x"]
    assert (tmp_path / "write" / "x").exists()
    assert not Path("/usr/x").exists()


@pytest.mark.wall
def test_it_has_no_network_process_or_variable_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is alone: one network card that leads nowhere, its own processes, the variables it was given."""
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "1")
    said = behind("cat /proc/net/dev | tail -n +3; ls -d /proc/[0-9]*; env", env={"A": "b"})
    assert "lo:" in said
    assert "eth" not in said
    assert len([line for line in said.splitlines() if line.startswith("/proc/")]) < 5
    assert "SECRET" not in said
    assert "A=b" in said


@pytest.mark.wall
def test_it_ends_with_whoever_put_it_up() -> None:
    """When its starter is killed, nothing of it goes on."""
    words = [*walls.prefix(), "/bin/sh", "-c", "echo up; exec sleep 600"]
    script = f"import subprocess; subprocess.run({words!r})"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "up\n"
        starter.kill()
        assert starter.stdout.read() == ""  # the last who could write there has gone


@pytest.mark.wall
def test_its_memory_has_a_size() -> None:
    """Files in its memory are limited, and programs can be started from there."""
    said = behind("head -c 5000000 /dev/zero > /memory/x; cp /bin/true /memory/t && /memory/t && echo ran", memory_mb=4)
    assert "No space left" in said
    said = behind("cp /usr/bin/true /memory/t && /memory/t && echo ran", memory_mb=4)
    assert said == "ran"


def test_without_bubblewrap_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The way out is one line for an administrator."""
    monkeypatch.setattr(walls, "find", lambda program: None)
    with pytest.raises(NoWall, match="not installed") as caught:
        walls.check()
    assert "apt-get install -y bubblewrap" in caught.value.next


def test_where_it_may_not_the_setting_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the program said is the reason, and no setting is blamed that is as it should be."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(walls, "find", lambda name: str(program))
    monkeypatch.setattr(walls, "_switch", lambda name: "1")
    with pytest.raises(NoWall, match="Permission denied") as caught:
        walls.check()
    assert caught.value.next == "as an administrator: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
