"""One process that owns the rest, on bad ground: each end is told, and nothing is left behind."""

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


def died(one: Machine) -> str:
    """Why a machine ended, once it has and nothing of it runs."""
    wait_for(lambda: not one.is_running() and not processes(one.name), "its processes to end", seconds=20)
    return one.status().why


def child(one: Machine, word: str) -> int:
    """The process of a machine on whose command line a word is."""
    top = one.supervisor_pid()
    for pid in Path(f"/proc/{top}/task/{top}/children").read_text().split():
        if word in Path(f"/proc/{pid}/cmdline").read_bytes().decode():
            return int(pid)
    raise AssertionError(f"no {word} below {top}")


@pytest.mark.parametrize(("word", "part"), [("vec0", "kernel process"), ("--api-socket", "network helper")])
def test_a_part_that_is_killed(home_of_its_own: str, word: str, part: str) -> None:
    """Without its kernel or its network there is no machine: `status` says what ended how, and it starts again."""
    one = Machine(home_of_its_own, memory_mb=512)
    one.start()
    os.kill(child(one, word), signal.SIGKILL)
    assert died(one).startswith(f"Its {part} ended by itself (killed by signal 9) at ")
    assert not list(Path(os.environ["XDG_RUNTIME_DIR"]).glob(f"drydock-{one.name}-*"))
    assert one.start() is True
    assert one.status().why == ""
    one.remove()
    gone(home_of_its_own)


def test_power_lost(home_of_its_own: str) -> None:
    """The supervisor killed takes all along; what was written stays, `status` tells, and the machine starts again."""
    one = Machine(home_of_its_own, memory_mb=512)
    one.start()
    with closing(one.client()) as client:
        write = {"keep": {"bind": "/keep", "mode": "rw"}}
        client.containers.run(BUSYBOX, ["sh", "-c", "echo kept > /keep/word; sync"], volumes=write, remove=True)
    os.kill(one.supervisor_pid(), signal.SIGKILL)
    assert died(one).startswith("It was interrupted")
    assert not one.is_running()
    one.start()
    with closing(one.client()) as client:
        read = {"keep": {"bind": "/keep", "mode": "ro"}}
        assert client.containers.run(BUSYBOX, ["cat", "/keep/word"], volumes=read, remove=True) == b"kept\n"
    os.kill(one.supervisor_pid(), signal.SIGKILL)
    died(one)
    one.remove()
    gone(home_of_its_own)


def test_power_lost_by_a_temporary_one() -> None:
    """When its supervisor is killed, the owner still leaves nothing of a temporary machine."""
    with Machine(memory_mb=512) as one:
        os.kill(one.supervisor_pid(), signal.SIGKILL)
    gone(one.name)


def test_a_temporary_one_that_ended_by_itself_tells_its_owner() -> None:
    """How it ended, and what it printed last, can be asked until the owner lets go; then nothing is left."""
    with Machine(memory_mb=512) as one:
        os.kill(child(one, "vec0"), signal.SIGKILL)
        assert died(one).startswith("Its kernel process ended by itself (killed by signal 9) at ")
        assert json.loads((one.folder / "ended.json").read_text())["said"]
    gone(one.name)


def test_two_starts_at_once(home_of_its_own: str, drydock_machine: Command) -> None:
    """Two real commands at the same moment: one boots it, both end well, and there is one machine."""
    words = argv("start", home_of_its_own, "--memory", "512")
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=240) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    lines = sorted(out.strip() for out, _ in said)
    assert f"The machine {home_of_its_own} is up." in lines[0]
    assert lines[1] == f"The machine {home_of_its_own} was running already."
    assert sum("drydock.machine.supervisor.supervisor" in line for line in processes(home_of_its_own)) == 1
    assert drydock_machine("rm", home_of_its_own).returncode == 0
    gone(home_of_its_own)


@pytest.mark.parametrize("moment", ["supervisor", "vec0", "ubd0"])
def test_ctrl_c_while_booting(home_of_its_own: str, moment: str) -> None:
    """Ctrl-c during the boot of a new machine ends all of it, at whatever moment, and leaves nothing."""
    words = argv("start", home_of_its_own, "--memory", "512")
    with subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heeds_interrupt
    ) as command:
        found = f"machines/{home_of_its_own}"
        wait_for(lambda: any(found in line for line in running(moment)), f"its {moment}", seconds=60, every=0.01)
        os.killpg(command.pid, signal.SIGINT)
        _, said = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "Traceback" not in said
    gone(home_of_its_own)


def running(word: str) -> list[str]:
    """The command lines of all processes with that word in them."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            found += [line] if word in line else []
    return found


def refused(command: Command, name: str, **changes: str | None) -> str:
    """What a start that must fail says; nothing may be left of it, and no traceback shown."""
    done = command("start", name, **changes)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    gone(name)
    return done.stderr


def test_tmpdir_mounted_noexec(home_of_its_own: str, drydock_machine: Command, noexec: Path) -> None:
    """A TMPDIR that nothing can be executed from is refused with the way out."""
    said = refused(drydock_machine, home_of_its_own, TMPDIR=str(noexec))
    assert f"can't keep its memory in {noexec}" in said
    assert "unset TMPDIR" in said


def test_slirp4netns_missing(home_of_its_own: str, drydock_machine: Command, tmp_path: Path) -> None:
    """Without the network helper the one package is named, before anything is made."""
    said = refused(drydock_machine, home_of_its_own, PATH=str(tmp_path))
    assert "apt-get install -y slirp4netns" in said


def test_no_room_for_the_disk(home_of_its_own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk too full to begin a machine's own on is said to be."""
    monkeypatch.setattr(preflight, "START_BYTES", 1 << 60)
    with pytest.raises(NoSpace, match="Not enough room"):
        Machine(home_of_its_own).start()
    gone(home_of_its_own)


def test_a_kernel_that_ends_at_once(home_of_its_own: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When the kernel can't even begin, that is said at once with what it printed, not after a minute and a half."""
    from drydock.machine.store.kernel_files import KernelFiles

    parts = machine_build.find_or_build()
    folder = tmp_path / "kernel"
    folder.mkdir()
    (folder / "linux").write_text("#!/bin/sh\necho this is no kernel\nexit 1\n")
    (folder / "linux").chmod(0o755)
    (folder / "manifest.json").write_text("{}")
    monkeypatch.setattr(
        resolve, "artifacts", lambda *_: machine_build.Artifacts(KernelFiles(folder / "linux", None), parts.base)
    )
    with pytest.raises(DrydockError, match="ended while booting") as caught:
        Machine(home_of_its_own).start()
    assert str(caught.value).startswith(BootFailed("it ended while booting", "").what)
    assert "this is no kernel" in caught.value.why
    gone(home_of_its_own)


@pytest.fixture
def own_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> machine_build.Artifacts:
    """The real parts under names of this test's own, so that it may damage them (links, and a copied manifest)."""
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
    parts = machine_build.Artifacts(real.kernel, base)
    monkeypatch.setattr(resolve, "artifacts", lambda *_: parts)
    return parts


def test_a_base_disk_cut_short(home_of_its_own: str, own_parts: machine_build.Artifacts) -> None:
    """A base that lost its end would lose a student's work later: refused, with what to do."""
    os.truncate(own_parts.base / "disk.img", 1 << 20)
    with pytest.raises(BrokenCache, match=r"disk\.img.*is damaged") as caught:
        Machine(home_of_its_own).start()
    assert f"has {1 << 20} now" in caught.value.why
    gone(home_of_its_own)


def test_a_base_disk_that_is_gone(home_of_its_own: str, own_parts: machine_build.Artifacts) -> None:
    """A machine whose base somebody removed keeps its home, and says what can be done."""
    home = machines_folder() / home_of_its_own
    (home / "work").mkdir(parents=True)
    (home / "work" / "disk.cow").write_text("begun on another base")
    settings = Settings(home_of_its_own, base=str(own_parts.base.with_name("gone")))
    settings.write(home)
    with pytest.raises(BaseDiskMissing):
        Machine(home_of_its_own).start()
    assert (home / "work" / "disk.cow").exists()


def test_the_endpoints_port_is_taken_meanwhile(home_of_its_own: str) -> None:
    """The port of last time belongs to somebody else now: the machine takes another and says so by its address."""
    one = Machine(home_of_its_own, memory_mb=512)
    one.start()
    before = one.endpoint.host
    one.stop()
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", int(before.rpartition(":")[2])))
        holder.listen()
        one.start()
        assert one.endpoint.host != before
        with closing(one.client()) as client:
            assert client.ping()
    one.remove()


def test_a_temporary_machine_sees_nothing_of_our_loopback() -> None:
    """What listens on this computer's loopback is not at the machine's gateway: anybody's work may run in it."""
    with socket.socket() as secret:
        secret.bind(("127.0.0.1", 0))
        secret.listen()
        port = str(secret.getsockname()[1])
        with Machine(memory_mb=512) as one, closing(one.client()) as client:
            look = ["sh", "-c", f"nc -w 3 10.0.2.2 {port} </dev/null && echo reached || echo refused"]
            assert client.containers.run(BUSYBOX, look, network_mode="host", remove=True) == b"refused\n"


def test_nothing_is_said_twice(home_of_its_own: str, drydock_machine: Command) -> None:
    """Stopping what doesn't run, or isn't there, is answered in a sentence."""
    assert "There is no machine named" in drydock_machine("stop", home_of_its_own).stderr
    assert traces(home_of_its_own) == []
