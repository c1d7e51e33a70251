"""The walls: what is behind any of them sees nothing of this computer, and which one stands where."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drydock.errors import BadSetting, NoIsolation
from drydock.machine.isolation import backends, bubblewrap, docker_container
from drydock.machine.isolation.backends import IsolationBackend
from drydock.machine.isolation.sandbox_spec import NOTHING, SandboxSpec

#: What a shell script prints behind the wall that it is put behind.
Behind = Callable[..., str]
#: Each of the walls, for tests of what all of them keep.
EACH = [
    pytest.param("bubblewrap", marks=pytest.mark.wall("bubblewrap")),
    pytest.param("container", marks=[pytest.mark.wall("container"), pytest.mark.host]),
]


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """Each test finds out for itself which wall can stand."""
    for wall in (bubblewrap, docker_container):
        wall.why_not.cache_clear()
    yield
    for wall in (bubblewrap, docker_container):
        wall.why_not.cache_clear()


@pytest.fixture(params=EACH)
def wall(request: pytest.FixtureRequest) -> IsolationBackend:
    """One of them."""
    return backends.named(request.param)


@pytest.fixture
def behind(wall: IsolationBackend) -> Behind:
    """Runs a shell script behind it."""

    def run(script: str, inside: SandboxSpec = NOTHING) -> str:
        words = [*wall.prefix(inside), "/bin/sh", "-c", script]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
        return (done.stdout + done.stderr).strip()

    return run


def test_it_can_stand_here(wall: IsolationBackend) -> None:
    """The tests' own ground: without this, what follows would prove nothing."""
    assert wall.why_not() is None


def test_files_are_out_of_sight(behind: Behind, tmp_path: Path) -> None:
    """Neither a file of ours, nor what lies in our home, nor the passwords' file is there; what is given is."""
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen" / "word").write_text("given")
    (tmp_path / "canary").write_text("kept")
    script = f"cat {tmp_path}/seen/word; cat {tmp_path}/canary; ls {Path.home()}/.cache /etc/passwd"
    said = behind(script, SandboxSpec(read=[tmp_path / "seen"]))
    assert said.startswith("given")
    assert said.count("No such file") == 3
    assert "kept" not in said


def test_what_is_read_only_stays_so(behind: Behind, tmp_path: Path) -> None:
    """It can write where it was told to and nowhere else."""
    for name in ("read", "write"):
        (tmp_path / name).mkdir()
    inside = SandboxSpec(read=[tmp_path / "read"], write=[tmp_path / "write"])
    behind(f"touch {tmp_path}/read/x {tmp_path}/write/x /usr/x", inside)
    assert [path.name for path in tmp_path.rglob("x")] == ["x"]
    assert (tmp_path / "write" / "x").exists()
    assert not Path("/usr/x").exists()


def test_it_has_no_network_process_or_variable_of_ours(behind: Behind, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is alone: one network card that leads nowhere, its own processes, the variables it was given."""
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "1")
    said = behind("cat /proc/net/dev | tail -n +3; ls -d /proc/[0-9]*; env", SandboxSpec(env={"A": "b"}))
    assert "lo:" in said
    assert "eth" not in said
    assert len([line for line in said.splitlines() if line.startswith("/proc/")]) < 5
    assert sorted(line for line in said.splitlines() if "=" in line) == ["A=b", "PWD=/"]


def test_it_has_no_capability_and_gets_none(behind: Behind) -> None:
    """Not even one that a program with a setuid bit would bring."""
    said = behind("id -u; grep -E '^(Cap|NoNewPrivs)' /proc/self/status").split()
    assert int(said[0]) == 65534 or int(said[0]) == os.getuid() != 0
    assert set(said[2:-2:2]) == {"0" * 16}
    assert said[-1] == "1"


def test_it_ends_with_whoever_put_it_up(wall: IsolationBackend) -> None:
    """When its starter is killed, nothing of it goes on."""
    words = [*wall.prefix(), "/bin/sh", "-c", "echo up; exec sleep 600"]
    script = f"import subprocess; subprocess.run({words!r})"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "up\n"
        starter.kill()
        assert starter.stdout.read() == ""  # the last who could write there has gone


def test_how_it_ended_is_told(wall: IsolationBackend) -> None:
    """As a shell tells it: by its exit code, or 128 and the signal."""
    for script, code in (("exit 7", 7), ("kill -9 $$", 137)):
        assert subprocess.run([*wall.prefix(), "/bin/sh", "-c", script], check=False, timeout=30).returncode == code


def test_its_memory_has_a_size(behind: Behind) -> None:
    """Files in its memory are limited, and programs can be started from there."""
    inside = SandboxSpec(memory_mb=4)
    said = behind("head -c 5000000 /dev/zero > /memory/x; cp /bin/true /memory/t && /memory/t && echo ran", inside)
    assert "No space left" in said
    said = behind("cp /usr/bin/true /memory/t && /memory/t && echo ran", inside)
    assert said == "ran"


@pytest.mark.wall("bubblewrap")
def test_bubblewrap_comes_first() -> None:
    """It asks nobody's leave, and nothing that is root takes part."""
    assert backends.choose().NAME == "bubblewrap"


@pytest.mark.host
@pytest.mark.wall("container")
def test_the_container_where_bubblewrap_cannot_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them is enough."""
    monkeypatch.setattr(bubblewrap, "find", lambda program: None)
    assert backends.choose().NAME == "container"
    assert backends.why_not() is None


@pytest.mark.host
@pytest.mark.wall("container")
def test_one_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable decides, also where another would have come first."""
    monkeypatch.setenv(backends.CHOICE, "container")
    assert backends.choose().NAME == "container"


def test_a_name_that_no_wall_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused with the names there are."""
    monkeypatch.setenv(backends.CHOICE, "moat")
    with pytest.raises(BadSetting, match="DRYDOCK_WALL=moat names no wall") as caught:
        backends.choose()
    assert "bubblewrap, container" in caught.value.next


def test_where_none_can_stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both reasons are told, and both ways out."""
    monkeypatch.setattr(bubblewrap, "find", lambda program: None)
    monkeypatch.setattr(docker_container, "SOCKET", tmp_path / "docker.sock")
    with pytest.raises(NoIsolation) as caught:
        backends.choose()
    assert caught.value.why == "bubblewrap is not installed; and this computer has no Docker of its own"
    assert "apt-get install -y bubblewrap; or" in caught.value.next
    assert backends.why_not() == (caught.value.why, caught.value.next)
