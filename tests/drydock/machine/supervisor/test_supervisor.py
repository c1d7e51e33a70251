"""The supervisor under failures: each unexpected end is reported, and no process or file is left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import pytest

from drydock.core.waiting import wait_for
from drydock.errors import BaseDiskMissing, BootFailed, BrokenCache, DrydockError, NoSpace
from drydock.machine import Machine
from drydock.machine.artifacts import machine_build, resolve
from drydock.machine.host import preflight
from drydock.machine.store.settings import Settings, machines_folder
from tests.drydock.machine.conftest import Command, argv
from tests.drydock.machine.supervisor.test_cmdline import noexec
from tests.drydock.machine.test_machine import gone, processes, traces
from tests.machines import BUSYBOX
from tests.processes import heeds_interrupt

__all__ = ["noexec"]

pytestmark = pytest.mark.live


def exit_reason(machine: Machine) -> str:
    """Wait until a machine and all its processes have ended; return why."""
    wait_for(lambda: not machine.is_running() and not processes(machine.name), "its processes to end", seconds=60)
    return machine.status().why


def child(machine: Machine, argument: str) -> int:
    """Return the child process of a machine's supervisor that has an argument on its command line."""
    supervisor = machine.supervisor_pid()
    for pid in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
        if argument in Path(f"/proc/{pid}/cmdline").read_bytes().decode():
            return int(pid)
    raise AssertionError(f"no child of {supervisor} has {argument}")


@pytest.mark.parametrize(
    ("argument", "part"),
    [("vec0", "kernel process"), pytest.param("--api-socket", "network helper", marks=pytest.mark.nightly)],
)
def test_a_killed_part(machine_name: str, argument: str, part: str) -> None:
    """If the kernel or the network helper is killed, the machine ends, its status says why, and it can start again."""
    machine = Machine(machine_name, memory_mb=512)
    machine.start()
    os.kill(child(machine, argument), signal.SIGKILL)
    assert exit_reason(machine).startswith(f"Its {part} ended by itself (killed by signal 9) at ")
    assert not list(Path(os.environ["XDG_RUNTIME_DIR"]).glob(f"drydock-{machine.name}-*"))
    assert machine.start() is True
    assert machine.status().why == ""
    machine.remove()
    gone(machine_name)


def test_a_killed_supervisor(machine_name: str) -> None:
    """If the supervisor is killed, the machine ends; data on its disk is kept, and it can start again."""
    machine = Machine(machine_name, memory_mb=512)
    machine.start()
    with closing(machine.client()) as client:
        write = {"keep": {"bind": "/keep", "mode": "rw"}}
        client.containers.run(BUSYBOX, ["sh", "-c", "echo kept > /keep/word; sync"], volumes=write, remove=True)
    os.kill(machine.supervisor_pid(), signal.SIGKILL)
    assert exit_reason(machine).startswith("It was interrupted")
    assert not machine.is_running()
    machine.start()
    with closing(machine.client()) as client:
        read = {"keep": {"bind": "/keep", "mode": "ro"}}
        assert client.containers.run(BUSYBOX, ["cat", "/keep/word"], volumes=read, remove=True) == b"kept\n"
    os.kill(machine.supervisor_pid(), signal.SIGKILL)
    exit_reason(machine)
    machine.remove()
    gone(machine_name)


def test_a_killed_supervisor_of_a_temporary_machine() -> None:
    """If a temporary machine's supervisor is killed, the owner removes what is left."""
    with Machine(memory_mb=512) as machine:
        os.kill(machine.supervisor_pid(), signal.SIGKILL)
    gone(machine.name)


def test_the_owner_of_a_temporary_machine_learns_why_it_ended() -> None:
    """Why it ended, and its last output, are available until the owner removes the machine; then nothing is left."""
    with Machine(memory_mb=512) as machine:
        os.kill(child(machine, "vec0"), signal.SIGKILL)
        assert exit_reason(machine).startswith("Its kernel process ended by itself (killed by signal 9) at ")
        assert json.loads((machine.folder / "ended.json").read_text())["output"]
    gone(machine.name)


def test_two_starts_at_once(machine_name: str, drydock_machine: Command) -> None:
    """Of two commands at the same time, one boots the machine and both succeed; there is one supervisor."""
    words = argv("start", machine_name, "--memory", "512")
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=240) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    lines = sorted(out.strip() for out, _ in outputs)
    assert lines[0].startswith(f"The machine {machine_name} is running.")
    assert lines[1] == f"The machine {machine_name} was already running."
    assert sum("drydock.machine.supervisor" in line for line in processes(machine_name)) == 1
    assert drydock_machine("rm", machine_name).returncode == 0
    gone(machine_name)


@pytest.mark.parametrize("argument", ["supervisor", "vec0", "ubd0"])
def test_ctrl_c_while_booting(machine_name: str, argument: str) -> None:
    """Ctrl-C while a new machine boots ends all of its processes, in every phase, and leaves nothing."""
    words = argv("start", machine_name, "--memory", "512")
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heeds_interrupt
    ) as command:
        folder = f"machines/{machine_name}"
        wait_for(lambda: any(folder in line for line in running(argument)), f"its {argument}", seconds=60, every=0.01)
        os.killpg(command.pid, signal.SIGINT)
        _, output = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "Traceback" not in output
    gone(machine_name)


def running(argument: str) -> list[str]:
    """Return the command lines of all processes that have an argument in them."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            lines += [line] if argument in line else []
    return lines


def refused(command: Command, name: str, **changes: str | None) -> str:
    """Run a start that must fail, check that nothing is left and no traceback is printed, and return its message."""
    done = command("start", name, **changes)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    gone(name)
    return done.stderr


def test_tmpdir_mounted_noexec(machine_name: str, drydock_machine: Command, noexec: Path) -> None:
    """A TMPDIR mounted noexec is refused with a message that says what to do."""
    message = refused(drydock_machine, machine_name, TMPDIR=str(noexec))
    assert f"can't keep its memory file in {noexec}" in message
    assert "Unset TMPDIR" in message


def test_slirp4netns_missing(machine_name: str, drydock_machine: Command, tmp_path: Path) -> None:
    """Without the network helper, the message names its package, and nothing is created."""
    message = refused(drydock_machine, machine_name, PATH=str(tmp_path))
    assert "apt-get install -y slirp4netns" in message


def test_too_little_disk_space(machine_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is too full for a machine's own disk, the start fails."""
    monkeypatch.setattr(preflight, "START_BYTES", 1 << 60)
    with pytest.raises(NoSpace, match="Not enough disk space"):
        Machine(machine_name).start()
    gone(machine_name)


def test_a_kernel_that_exits_at_once(machine_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """If the kernel exits at once, the start fails at once, not after the timeout, and the error has its output."""
    from drydock.machine.store.kernel_files import KernelFiles

    artifacts = machine_build.find_or_build()
    folder = tmp_path / "kernel"
    folder.mkdir()
    (folder / "linux").write_text("#!/bin/sh\necho this is no kernel\nexit 1\n")
    (folder / "linux").chmod(0o755)
    (folder / "manifest.json").write_text("{}")
    monkeypatch.setattr(
        resolve, "artifacts", lambda *_: machine_build.Artifacts(KernelFiles(folder / "linux", None), artifacts.base)
    )
    with pytest.raises(DrydockError, match="ended while booting") as caught:
        Machine(machine_name).start()
    assert str(caught.value).startswith(BootFailed("it ended while booting", "").what)
    assert "this is no kernel" in caught.value.why
    gone(machine_name)


@pytest.fixture
def replaced_artifacts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> machine_build.Artifacts:
    """Artifacts with the real kernel and an empty base disk of the real size, which a test may damage."""
    real = machine_build.find_or_build()
    base = tmp_path / "base"
    base.mkdir()
    for file in real.base.iterdir():
        if file.is_file() and file.name != "disk.img":
            (base / file.name).write_bytes(file.read_bytes())
    size = (real.base / "disk.img").stat().st_size
    (base / "manifest.json").write_text(json.dumps({"disk.img": size}))
    with (base / "disk.img").open("wb") as disk:
        disk.truncate(size)
    artifacts = machine_build.Artifacts(real.kernel, base)
    monkeypatch.setattr(resolve, "artifacts", lambda *_: artifacts)
    return artifacts


def test_a_truncated_base_disk(machine_name: str, replaced_artifacts: machine_build.Artifacts) -> None:
    """A truncated base disk, which would lose data later, is refused with a message that says what to do."""
    os.truncate(replaced_artifacts.base / "disk.img", 1 << 20)
    with pytest.raises(BrokenCache, match=r"disk\.img.*is damaged") as caught:
        Machine(machine_name).start()
    assert f"has {1 << 20} bytes now" in caught.value.why
    gone(machine_name)


def test_a_missing_base_disk(machine_name: str, replaced_artifacts: machine_build.Artifacts) -> None:
    """If a machine's base disk was removed, the start fails and its own disk is kept."""
    folder = machines_folder() / machine_name
    (folder / "work").mkdir(parents=True)
    (folder / "work" / "disk.cow").write_text("an overlay of another base")
    settings = Settings(machine_name, base=str(replaced_artifacts.base.with_name("missing")))
    settings.write(folder)
    with pytest.raises(BaseDiskMissing):
        Machine(machine_name).start()
    assert (folder / "work" / "disk.cow").exists()


def test_the_endpoints_port_is_in_use(machine_name: str) -> None:
    """If another program listens on the endpoint's last port, the machine gets another port."""
    machine = Machine(machine_name, memory_mb=512)
    machine.start()
    before = machine.endpoint.host
    machine.stop()
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", int(before.rpartition(":")[2])))
        holder.listen()
        machine.start()
        assert machine.endpoint.host != before
        with closing(machine.client()) as client:
            assert client.ping()
    machine.remove()


def test_a_temporary_machine_can_not_reach_the_hosts_loopback() -> None:
    """A server on this computer's loopback can't be reached from a temporary machine, which may run untrusted code."""
    with socket.socket() as secret:
        secret.bind(("127.0.0.1", 0))
        secret.listen()
        port = str(secret.getsockname()[1])
        with Machine(memory_mb=512) as machine, closing(machine.client()) as client:
            connect = ["sh", "-c", f"nc -w 3 10.0.2.2 {port} </dev/null && echo reached || echo refused"]
            assert client.containers.run(BUSYBOX, connect, network_mode="host", remove=True) == b"refused\n"


def test_stopping_a_machine_that_does_not_exist(machine_name: str, drydock_machine: Command) -> None:
    """The command prints that there is no such machine, and creates nothing."""
    assert "There is no machine named" in drydock_machine("stop", machine_name).stderr
    assert traces(machine_name) == []
