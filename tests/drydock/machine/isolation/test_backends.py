"""The isolation backends: an isolated process sees nothing of this computer in any of them, and which one is chosen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from drydock.errors import BadSetting, NoIsolation
from drydock.machine.isolation import backends, bubblewrap, docker_container
from drydock.machine.isolation.backends import IsolationBackend
from drydock.machine.isolation.sandbox_spec import EMPTY, SandboxSpec

#: Runs a shell script in isolation, with a spec; returns its output, errors included.
RunIsolated = Callable[..., str]
#: Each of the backends, for tests of what all of them guarantee.
EACH_BACKEND = [
    pytest.param("bubblewrap", marks=pytest.mark.isolation("bubblewrap")),
    pytest.param("container", marks=[pytest.mark.isolation("container"), pytest.mark.host]),
]


@pytest.fixture(params=EACH_BACKEND)
def backend(request: pytest.FixtureRequest) -> IsolationBackend:
    """Return one of the backends."""
    return backends.by_name(request.param)


@pytest.fixture
def run_isolated(backend: IsolationBackend) -> RunIsolated:
    """Return a function that runs a shell script in isolation."""

    def run(script: str, spec: SandboxSpec = EMPTY) -> str:
        argv = [*backend.prefix(spec), "/bin/sh", "-c", script]
        result = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
        return (result.stdout + result.stderr).strip()

    return run


def test_it_works_here(backend: IsolationBackend) -> None:
    """The trial run succeeds on the computer of the tests; otherwise the other tests here would prove nothing."""
    assert backend.unavailable_reason() is None


def test_no_user_namespace_can_be_created(run_isolated: RunIsolated) -> None:
    """A process can't become root of another namespace, where much more of the kernel could be attacked."""
    assert run_isolated("unshare --user true && echo created").startswith("unshare: unshare failed")


def test_files_are_hidden(run_isolated: RunIsolated, tmp_path: Path) -> None:
    """Other temporary files, the user's home folder and /etc/passwd are hidden; files of the spec are visible."""
    (tmp_path / "visible").mkdir()
    (tmp_path / "visible" / "file").write_text("given")
    (tmp_path / "canary").write_text("secret")
    script = f"cat {tmp_path}/visible/file; cat {tmp_path}/canary; ls {Path.home()}/.cache /etc/passwd"
    output = run_isolated(script, SandboxSpec(read_only=[tmp_path / "visible"]))
    assert output.startswith("given")
    assert output.count("No such file") == 3
    assert "secret" not in output


def test_read_only_folders_stay_unchanged(run_isolated: RunIsolated, tmp_path: Path) -> None:
    """The process can write to the writable folders of its spec and to no other folder of this computer."""
    for name in ("read", "write"):
        (tmp_path / name).mkdir()
    spec = SandboxSpec(read_only=[tmp_path / "read"], writable=[tmp_path / "write"])
    run_isolated(f"touch {tmp_path}/read/x {tmp_path}/write/x /usr/x", spec)
    assert [path.name for path in tmp_path.rglob("x")] == ["x"]
    assert (tmp_path / "write" / "x").exists()
    assert not Path("/usr/x").exists()


def test_it_has_no_network_process_or_variable_of_ours(
    run_isolated: RunIsolated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process has only a loopback interface, sees only its own processes, and has only the spec's variables."""
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "1")
    output = run_isolated("cat /proc/net/dev | tail -n +3; ls -d /proc/[0-9]*; env", SandboxSpec(env={"A": "b"}))
    assert "lo:" in output
    assert "eth" not in output
    assert len([line for line in output.splitlines() if line.startswith("/proc/")]) < 5
    assert sorted(line for line in output.splitlines() if "=" in line) == ["A=b", "PWD=/"]


def test_it_has_no_capability_and_gets_none(run_isolated: RunIsolated) -> None:
    """The process has no capability, and a program with a setuid bit would bring none."""
    output = run_isolated("id -u; grep -E '^(Cap|NoNewPrivs)' /proc/self/status").split()
    assert int(output[0]) == 65534 or int(output[0]) == os.getuid() != 0
    assert set(output[2:-2:2]) == {"0" * 16}
    assert output[-1] == "1"


def test_it_ends_with_its_parent(backend: IsolationBackend) -> None:
    """When the process that started it is killed, no part of the isolated process keeps running."""
    argv = [*backend.prefix(), "/bin/sh", "-c", "echo up; exec sleep 600"]
    script = f"import subprocess; subprocess.run({argv!r})"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        parent.kill()
        assert parent.stdout.read() == ""  # the last process with the other end of the pipe has ended


def test_the_exit_code_is_passed_on(backend: IsolationBackend) -> None:
    """The exit code is the process's own or, after a signal, 128 plus the signal's number, as in a shell."""
    for script, code in (("exit 7", 7), ("kill -9 $$", 137)):
        assert subprocess.run([*backend.prefix(), "/bin/sh", "-c", script], check=False, timeout=30).returncode == code


def test_the_memory_folder_has_a_size(run_isolated: RunIsolated) -> None:
    """/memory holds no more than its size, and programs can be executed from it."""
    spec = SandboxSpec(memory_mb=4)
    output = run_isolated("head -c 5000000 /dev/zero > /memory/x", spec)
    assert "No space left" in output
    assert run_isolated("cp /usr/bin/true /memory/t && /memory/t && echo ran", spec) == "ran"


@pytest.mark.isolation("bubblewrap")
def test_bubblewrap_is_preferred() -> None:
    """Where bubblewrap works it is chosen, because it needs no program that runs as root."""
    assert backends.choose().NAME == "bubblewrap"


@pytest.mark.host
@pytest.mark.isolation("container")
def test_the_container_is_chosen_without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without bubblewrap, the container is chosen, and isolation counts as available."""
    monkeypatch.setattr(bubblewrap, "find", lambda program: None)
    assert backends.choose().NAME == "container"
    assert backends.unavailable_reason() is None


@pytest.mark.host
@pytest.mark.isolation("container")
def test_the_variable_selects_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable decides, also where another backend would be preferred."""
    monkeypatch.setenv("DRYDOCK_ISOLATION", "container")
    assert backends.choose().NAME == "container"


def test_an_unknown_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown name in the variable is an error that lists the names of the backends."""
    monkeypatch.setenv(backends.VARIABLE, "moat")
    with pytest.raises(BadSetting, match="DRYDOCK_ISOLATION=moat is not an isolation backend") as caught:
        backends.choose()
    assert "bubblewrap, container" in caught.value.next


def test_where_no_backend_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error has each backend's reason and each backend's remedy."""
    monkeypatch.setattr(bubblewrap, "find", lambda program: None)
    monkeypatch.setattr(docker_container, "SOCKET", tmp_path / "docker.sock")
    with pytest.raises(NoIsolation) as caught:
        backends.choose()
    assert caught.value.why == "bubblewrap is not installed.\nThis computer has no Docker daemon of its own."
    assert "apt-get install -y bubblewrap\nOr: Install Docker Engine" in caught.value.next
    assert backends.unavailable_reason() == (caught.value.why, caught.value.next)
