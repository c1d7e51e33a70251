"""The machine's own disk, booted in QEMU."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from drydock.core.waiting import wait_for
from drydock.errors import BootFailed
from drydock.machine.artifacts import machine_build
from drydock.machine.bench import initramfs, qemu, workload

INSTALLED = pytest.mark.skipif(qemu.unavailable_reason() != "", reason=qemu.unavailable_reason())


def test_qemu_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without QEMU, the reason names its program and its package."""
    monkeypatch.setattr(qemu, "find", lambda program: None)
    assert qemu.unavailable_reason() == "qemu-system-x86_64 is not installed (Debian: qemu-system-x86)"


def test_the_command_line(tmp_path: Path) -> None:
    """The base disk is not written, the network has a machine's addresses, and the ports are on 127.0.0.1."""
    words = qemu.command(tmp_path, tmp_path / "disk.img", tmp_path, {4711: 2376, 4712: 80}, 1024)
    base, seed = [word for word in words if word.startswith("file=")]
    assert "snapshot=on" in base
    assert "readonly=on" in seed
    [network] = [word for word in words if "net=10.0.2.0/24" in word]
    assert network.split(",")[-2:] == [
        "hostfwd=tcp:127.0.0.1:4711-10.0.2.100:2376",
        "hostfwd=tcp:127.0.0.1:4712-10.0.2.100:80",
    ]
    assert words[words.index("-accel") + 1] == "tcg"


def test_qemu_exits_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If QEMU exits, the error has its output."""
    argv = [sys.executable, "-c", "print('no such machine'); raise SystemExit(1)"]
    monkeypatch.setattr(qemu, "command", lambda *_: argv)
    monkeypatch.setattr(initramfs, "find_or_build", lambda: tmp_path)
    with pytest.raises(BootFailed, match="exit code 1") as caught, qemu.boot(tmp_path, 0):
        pass
    assert "no such machine" in caught.value.why


def test_it_is_killed_with_its_parent(tmp_path: Path) -> None:
    """Also a parent that is killed leaves no QEMU process."""
    program = f"""
import signal, sys
from pathlib import Path
from drydock.machine.bench import qemu
argv = [sys.executable, "-c", "import signal; signal.pause()"]
process = qemu._start(argv, 0, Path({str(tmp_path)!r}))
print(process.pid, flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process = Path(f"/proc/{int(parent.stdout.readline())}/stat")
        parent.kill()
    wait_for(lambda: not process.exists() or ") Z " in process.read_text(), "QEMU to end", seconds=60)


def is_reached(port: int) -> bool:
    """Return whether a web server answers on this computer's port."""
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/hostname", timeout=5) as response:
        return bool(response.read())
    return False


@pytest.mark.live
@INSTALLED
def test_a_container_runs_in_qemu() -> None:
    """The base disk boots, and a port that a container publishes is reached; the disk is not changed, and QEMU ends."""
    disk = machine_build.find_or_build().base / "disk.img"
    before = disk.stat().st_mtime_ns
    with qemu.boot(disk.parent, 0) as machine:
        assert workload.run(machine.client) > 0
        ports: Any = {"80/tcp": machine.published}
        machine.client.containers.run(workload.IMAGE, "httpd -f -h /etc", ports=ports, detach=True)
        wait_for(lambda: is_reached(machine.published), "the container's server", seconds=60)
        process = Path(f"/proc/{machine.pid}")
        assert process.exists()
    assert not process.exists()
    assert disk.stat().st_mtime_ns == before
