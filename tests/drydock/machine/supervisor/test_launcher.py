"""The launcher waits for the supervisor's report and raises the error in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drydock.core.waiting import wait_for
from drydock.errors import BootFailed, DrydockError, NoSpace, StartedElsewhere, SystemCallFailed, TimedOut
from drydock.machine.store.instance import Instance
from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import launcher, supervisor
from drydock.machine.supervisor.launcher import Launcher


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """The instance folder of a machine that can't boot, because its kernel does not exist."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    instance = Instance("test")
    instance.folder.mkdir()
    Settings("test", kernel=str(tmp_path / "none"), base=str(tmp_path / "none"), temporary=True).write(instance.folder)
    return instance


@pytest.mark.parametrize("owned", [True, False])
def test_a_failed_boot_is_raised(instance: Instance, owned: bool) -> None:
    """The launcher raises the supervisor's error, and the machine does not run."""
    with pytest.raises(DrydockError, match="ended while booting") as caught:
        Launcher(instance).launch(owned=owned)
    assert isinstance(caught.value, BootFailed)
    assert "none/linux: No such file" in caught.value.why
    assert not instance.is_running()


def test_a_crashed_supervisor(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the supervisor ends without a report, the error has the end of its log."""
    (instance.folder / "settings.json").write_text("no settings")
    with pytest.raises(BootFailed, match="ended without a report") as caught:
        Launcher(instance).launch(owned=True)
    assert "SettingsDamaged" in caught.value.why


def test_the_reported_error_is_complete(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error that is raised has the class and the whole message of the supervisor's error."""
    monkeypatch.setenv("TMPDIR", str(instance.folder))
    Settings.read(instance.folder).changed(memory_mb=65536 << 10).write(instance.folder)
    with pytest.raises(NoSpace) as caught:
        Launcher(instance).launch(owned=True)
    assert caught.value.next == NoSpace(instance.folder, 65536 << 30, 0).next
    assert "Not enough disk space" in caught.value.what


def test_stopping_a_stopped_machine(instance: Instance) -> None:
    """Stopping a machine that does not run is no error, even with a damaged state file."""
    (instance.folder / "state.json").write_text(json.dumps({"pid": "none"})[:-2])
    own = Launcher(instance)
    own.stop()
    own.reap()


def test_a_supervisor_starts_without_docker_py() -> None:
    """Its process imports what boots a machine; docker-py takes 0.2 s, and only forwarding ports needs it."""
    code = "import sys, drydock.machine.supervisor.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert "cryptography" in loaded
    assert not loaded & {"docker", "requests", "rich"}


def test_a_start_that_fails_early_leaves_the_machine_stopped(instance: Instance) -> None:
    """The machine's lock is released when the supervisor can't even be started, such as on a full disk."""
    (instance.folder / "supervisor.log").mkdir()
    own = Launcher(instance)
    with pytest.raises(IsADirectoryError):
        own.launch(owned=True)
    own.reap()
    assert not instance.is_running()


def test_a_supervisor_that_has_no_state_yet_is_stopped(instance: Instance) -> None:
    """A supervisor that another process is starting is asked to stop as soon as its process number is known."""
    with _running(instance.folder, seconds=0.5) as other:
        Launcher(instance).stop()
        assert other.wait(timeout=10) == -signal.SIGTERM


def test_a_process_that_is_no_supervisor_is_not_stopped(instance: Instance, tmp_path: Path) -> None:
    """In a container with the same home folder, the recorded number is another process's, or nobody's."""
    # No supervisor, and that of another machine.
    arguments = ([str(instance.folder)], ["drydock.machine.supervisor", str(tmp_path)])
    with _running(instance.folder) as supervisor:
        for words in arguments:
            with subprocess.Popen([sys.executable, "-c", "input()", *words], stdin=subprocess.PIPE) as other:
                (instance.folder / "state.json").write_text(json.dumps({"pid": other.pid}))
                with pytest.raises(StartedElsewhere, match="can't be stopped from here"):
                    Launcher(instance).stop()
                assert other.poll() is None
                other.kill()
        (instance.folder / "state.json").write_text(json.dumps({"pid": 2**22}))
        with pytest.raises(StartedElsewhere):
            Launcher(instance).stop()
        assert supervisor.poll() is None


def test_a_supervisor_is_known_by_any_path_of_its_folder(instance: Instance, tmp_path: Path) -> None:
    """The folder of machines may have been named through a link when the machine was started."""
    (tmp_path / "link").symlink_to(instance.folder)
    with _running(tmp_path / "link") as other:
        Launcher(instance).stop()
        assert other.wait(timeout=10) == -signal.SIGTERM


def test_a_killed_supervisor_is_not_elsewhere(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was killed loses its command line first, and its lock a moment later."""
    with _running(instance.folder) as other:

        def kill(pid: int, folder: Path) -> bool:
            other.kill()
            return False

        monkeypatch.setattr(launcher, "_is_supervisor", kill)
        Launcher(instance).stop()
        assert other.wait(timeout=10) == -signal.SIGKILL


def test_a_supervisor_that_does_not_end_is_a_message(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for its exit has a deadline."""
    monkeypatch.setattr(launcher, "_STOP_SECONDS", 0.1)
    own = Launcher(instance)
    with _running(instance.folder) as own._process, pytest.raises(TimedOut, match="the supervisor of the machine test"):
        own.reap()


@contextmanager
def _running(folder: Path, seconds: float = 0) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process with a supervisor's lock and command line; it records its number after so many seconds."""
    code = "import fcntl, json, os, pathlib, signal, sys, time; folder = pathlib.Path(sys.argv[2])\n"
    code += "lock = (folder / 'lock').open('w'); fcntl.flock(lock, fcntl.LOCK_EX); print(flush=True)\n"
    code += f"time.sleep({seconds}); state = json.dumps({{'pid': os.getpid()}})\n"
    code += "(folder / 'state.json').write_text(state); print(flush=True); signal.pause()"
    words = [sys.executable, "-c", code, "drydock.machine.supervisor", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(1 if seconds else 2):
            process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_a_stopped_boot_is_reported(instance: Instance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The process that starts a machine learns that another one has stopped it meanwhile."""
    (tmp_path / "slirp4netns").write_text("#!/bin/sh\nsleep 600\n")
    (tmp_path / "slirp4netns").chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # without bundled programs
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    stopping = threading.Timer(0, _stop_when_running, [instance])
    stopping.start()
    with pytest.raises(BootFailed, match="it was stopped while it was booting"):
        Launcher(instance).launch(owned=True)
    stopping.join()


def _stop_when_running(instance: Instance) -> None:
    wait_for((instance.folder / "state.json").is_file, "its state", seconds=30)
    Launcher(instance).stop()


def test_a_slow_boot_is_not_called_an_end(instance: Instance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The supervisor reports a boot that takes too long; the launcher waits longer, and says that none was reported."""
    assert launcher._START_SECONDS > supervisor._BOOT_SECONDS
    monkeypatch.setattr(launcher, "_START_SECONDS", 0.01)
    with pytest.raises(BootFailed, match="its supervisor has reported nothing for 0 s"):
        Launcher(instance).launch(owned=True)
    assert not instance.is_running()


def test_a_file_of_the_current_folder_is_no_library(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A supervisor that is started in a student's folder does not run the student's docker.py or secrets.py."""
    for name in ("docker.py", "secrets.py"):
        (tmp_path / name).write_text("raise SystemExit('a file of the student was run')")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BootFailed, match="ended while booting"):
        Launcher(instance).launch(owned=True)


def test_an_error_of_the_system_is_reported(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses a booting machine, as on a full disk, is a finished message without a traceback."""
    (instance.folder / "tls").touch()  # where a folder belongs
    with pytest.raises(SystemCallFailed) as caught:
        Launcher(instance).launch(owned=True)
    assert "File exists: " in caught.value.why
    assert "Traceback" not in str(caught.value)
