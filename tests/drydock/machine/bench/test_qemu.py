"""The machine's own disk in QEMU."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drydock.core.waiting import wait_for
from drydock.errors import BootFailed
from drydock.machine.artifacts import machine_build
from drydock.machine.bench import initramfs, qemu, workload

INSTALLED = pytest.mark.skipif(qemu.why_not() != "", reason=qemu.why_not())


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where QEMU is missing, the reason names its program and its package."""
    monkeypatch.setattr(qemu, "find", lambda program: None)
    assert qemu.why_not() == "qemu-system-x86_64 is not installed (Debian: qemu-system-x86)"


def test_the_command_line(tmp_path: Path) -> None:
    """The base disk is only read, the network is laid out as a machine's, and its port is on loopback."""
    words = qemu.command(tmp_path, tmp_path / "disk.img", tmp_path, 4711, 1024)
    base, seed = [word for word in words if word.startswith("file=")]
    assert "snapshot=on" in base
    assert "readonly=on" in seed
    assert any("net=10.0.2.0/24" in word and "hostfwd=tcp:127.0.0.1:4711-10.0.2.100:2376" in word for word in words)
    assert words[words.index("-accel") + 1] == "tcg"


def test_qemu_that_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it said is in the error."""
    said = [sys.executable, "-c", "print('no such machine'); raise SystemExit(1)"]
    monkeypatch.setattr(qemu, "command", lambda *_: said)
    monkeypatch.setattr(initramfs, "ensure", lambda: tmp_path)
    with pytest.raises(BootFailed, match="exit code 1") as caught, qemu.booted(tmp_path, 0):
        pass
    assert "no such machine" in caught.value.why


def test_it_is_killed_with_whoever_started_it(tmp_path: Path) -> None:
    """Even a starter that has no time to clean up leaves no process."""
    program = f"""
import signal, sys
from pathlib import Path
from drydock.machine.bench import qemu
argv = [sys.executable, "-c", "import signal; signal.pause()"]
process = qemu._start(argv, 0, Path({str(tmp_path)!r}))
print(process.pid, flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        process = Path(f"/proc/{int(starter.stdout.readline())}/stat")
        starter.kill()
    wait_for(lambda: not process.exists() or ") Z " in process.read_text(), "it to end", seconds=10)


@pytest.mark.live
@INSTALLED
def test_a_container_in_qemu() -> None:
    """The same disk boots and runs a container, is not changed by it, and the process is gone afterwards."""
    disk = machine_build.build().base / "disk.img"
    before = disk.stat().st_mtime_ns
    with qemu.booted(disk.parent, 0) as emulated:
        assert workload.run(emulated.client) > 0
        process = Path(f"/proc/{emulated.pid}")
        assert process.exists()
    assert not process.exists()
    assert disk.stat().st_mtime_ns == before
