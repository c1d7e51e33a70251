"""A machine, booted: what works in it, and what is left of it afterwards."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import BuildError

from drydock.core.waiting import wait_for
from drydock.errors import BadName, BadSetting, NoMachine, NotRunning
from drydock.machine import Machine
from drydock.machine.artifacts import machine_build
from drydock.machine.store.settings import Settings, machines_folder
from tests import leaks
from tests.machines import BUSYBOX, MINE

#: An owner that boots a machine for itself, tells, and then only waits.
_OWNER = """
import signal
from drydock.machine import Machine
with Machine(memory_mb=512) as machine:
    print(machine.name, flush=True)
    signal.pause()
"""


def traces(name: str) -> list[str]:
    """What there is of a machine on this computer: its processes, its home, its sockets."""
    here = [str(path) for path in machines_folder().glob(f"{name}*")]
    sockets = [str(path) for path in Path(os.environ["XDG_RUNTIME_DIR"]).glob(f"drydock-{name[:16]}-*")]
    return here + sockets + processes(name)


def processes(name: str) -> list[str]:
    """The processes on whose command line a machine's home is."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"/drydock/machines/{name}" in line or f"/drydock-{name[:16]}-" in line:
            found.append(f"{file.parent.name}: {line[:100]}")
    return found


def gone(name: str) -> None:
    """Wait until nothing is left of a machine."""
    wait_for(lambda: not traces(name), f"{name} to be gone", seconds=20, details=lambda: "\n".join(traces(name)))


@pytest.mark.parametrize("name", ["", "A", "../x", "a" * 41])
def test_a_name_that_is_none(name: str) -> None:
    """It is refused at once, before anything is made."""
    with pytest.raises(BadName):
        Machine(name)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"memory_mb": 64}, "64 MB of memory"),
        ({"disk_gb": 7}, "disk of 7 GB"),
        ({"disk_gb": 33}, "Choose 8 to 32 GB"),
        ({"cpu": 4096}, "CPU 4096"),
        ({"shares": ["/usr"]}, "/usr can't be shared"),
        ({"shares": ["/no/such/folder"]}, "it is not a folder"),
    ],
)
def test_values_that_no_machine_can_have(wishes: dict[str, object], said: str) -> None:
    """Each is refused with what would do."""
    with pytest.raises(BadSetting, match=said):
        Machine("one", **wishes)  # type: ignore[arg-type]


def test_a_share_with_a_comma_is_refused(tmp_path: Path) -> None:
    """A path that the mount's options can't carry is refused instead of being mistaken for another."""
    (tmp_path / "a,b").mkdir()
    with pytest.raises(BadSetting, match="no comma"):
        Machine("one", shares=[tmp_path / "a,b"])


def test_what_was_never_started(home: Path) -> None:
    """Nothing is known of a machine that never was, and asking makes none."""
    one = Machine("one")
    assert not one.exists()
    assert not one.is_running()
    assert Machine.all() == []
    for ask in (one.status, one.remove, one.supervisor_pid, one.upgrade, lambda: one.endpoint):
        with pytest.raises(NoMachine, match="no machine named one"):
            ask()
    assert list(machines_folder().iterdir()) == []


@pytest.mark.live
class TestShared:
    """What the shared machine can do."""

    def test_run_and_remove(self, client: docker.DockerClient) -> None:
        """A container runs, gives its output, and is gone."""
        said = client.containers.run(BUSYBOX, ["echo", "hello"], remove=True, labels=MINE)
        assert said == b"hello\n"
        assert client.containers.list(all=True, filters={"label": list(MINE)}) == []

    def test_exec(self, client: docker.DockerClient) -> None:
        """A command runs in a running container; its exit code and both its streams come back."""
        container = client.containers.run(BUSYBOX, ["sleep", "600"], detach=True, labels=MINE)
        code, said = container.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"], demux=True)
        assert code == 3
        assert list(said) == [b"out\n", b"err\n"]

    def test_build(self, client: docker.DockerClient) -> None:
        """An image of three steps is built, and what they wrote is in it."""
        recipe = f"FROM {BUSYBOX}\nRUN echo one > /word\nRUN echo two >> /word\nCMD cat /word\n"
        image, _ = client.images.build(fileobj=io.BytesIO(recipe.encode()), labels=MINE, rm=True)
        assert client.containers.run(image, remove=True, labels=MINE) == b"one\ntwo\n"
        client.images.remove(str(image.id), force=True)

    def test_a_build_that_fails(self, client: docker.DockerClient) -> None:
        """A step's failure is the build's, as everywhere."""
        recipe = f"FROM {BUSYBOX}\nRUN exit 3\n"
        with pytest.raises(BuildError, match="returned a non-zero code: 3"):
            client.images.build(fileobj=io.BytesIO(recipe.encode()), rm=True, forcerm=True)

    def test_a_network_finds_names(self, client: docker.DockerClient) -> None:
        """In a network of one's own a container is found by its name, and talked to."""
        client.networks.create("meeting", labels=MINE)
        serve = ["sh", "-c", "mkdir /w; echo found > /w/index.html; exec httpd -f -h /w"]
        client.containers.run(BUSYBOX, serve, name="server", network="meeting", detach=True, labels=MINE)
        look = ["sh", "-c", "until wget -qO- http://server/; do usleep 50000; done"]
        said = client.containers.run(BUSYBOX, look, network="meeting", remove=True, labels=MINE)
        assert said == b"found\n"

    def test_limits(self, client: docker.DockerClient) -> None:
        """A memory limit and one on processes are the cgroup's, so they hold."""
        look = ["cat", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/pids.max"]
        said = client.containers.run(BUSYBOX, look, mem_limit="64m", pids_limit=50, remove=True, labels=MINE)
        assert said.split() == [str(64 << 20).encode(), b"50"]

    def test_the_outside_world(self, client: docker.DockerClient) -> None:
        """A container's way out is the machine's: its default route and a name server."""
        look = ["sh", "-c", "ip route | grep -c ^default; grep -c nameserver /etc/resolv.conf"]
        assert client.containers.run(BUSYBOX, look, remove=True, labels=MINE).split() == [b"1", b"1"]

    def test_a_share_in_a_running_machine(self, machine: Machine, client: docker.DockerClient, tmp_path: Path) -> None:
        """A folder appears under its own path, and what either side writes the other reads."""
        folder = tmp_path / "work"
        folder.mkdir()
        (folder / "ours").write_text("from here")
        machine.share(folder)
        look = ["sh", "-c", "cat /work/ours; echo from there > /work/theirs"]
        mount = {str(folder): {"bind": "/work", "mode": "rw"}}
        said = client.containers.run(BUSYBOX, look, volumes=mount, remove=True, labels=MINE)
        assert said == b"from here"
        assert (folder / "theirs").read_text() == "from there\n"
        assert str(folder) in machine.status().shares
        machine.share(folder / ".." / "work")  # known already, by another name
        assert machine.status().shares.count(str(folder)) == 1

    def test_it_is_known_while_it_runs(self, machine: Machine) -> None:
        """A running machine is listed, has an address on loopback, and starting it again changes nothing."""
        pid = machine.supervisor_pid()
        status = machine.status()
        assert status.running
        assert status.why == ""
        assert status.endpoint == machine.endpoint.host
        assert machine.endpoint.host.startswith("tcp://127.0.0.1:")
        assert status.cpu in os.sched_getaffinity(0)
        assert machine.name in [one.name for one in Machine.running()]
        assert Machine(machine.name).start() is False
        assert machine.supervisor_pid() == pid

    def test_each_process_stays_on_the_machines_cpu(self, machine: Machine) -> None:
        """Kernel and network helper share one CPU, which is worth a factor of four."""
        children = Path(f"/proc/{machine.supervisor_pid()}/task/{machine.supervisor_pid()}/children").read_text()
        allowed = [os.sched_getaffinity(int(pid)) for pid in children.split()]
        assert len(allowed) >= 2
        assert all(cpus == {machine.status().cpu} for cpus in allowed)

    def test_from_env_despite_bundle_and_proxy(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        """The plain `docker.from_env()` finds it also where a company's authorities and proxy are set."""
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.environ.get("SSL_CERT_FILE") or __file__)
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        for name, value in machine.endpoint.environment().items():
            monkeypatch.setenv(name, value)
        with closing(docker.from_env()) as client:
            assert client.ping()


@pytest.mark.live
def test_it_stops_and_starts_again(home_of_its_own: str) -> None:
    """Containers, images and volumes outlive a stop, a larger disk is used, and settings are kept."""
    one = Machine(home_of_its_own, memory_mb=512, disk_gb=12)
    assert one.start() is True
    with closing(one.client()) as client:
        write = {"keep": {"bind": "/keep", "mode": "rw"}}
        client.containers.run(BUSYBOX, ["sh", "-c", "echo kept > /keep/word"], volumes=write, name="writer")
        again: Any = {"Name": "unless-stopped"}
        client.containers.run(BUSYBOX, ["sleep", "600"], name="waiter", detach=True, restart_policy=again)
        said = client.containers.run(BUSYBOX, ["df", "-k", "/disk"], volumes={"/var": {"bind": "/disk", "mode": "ro"}})
        assert 11 * 2**20 < int(said.split()[-5]) <= 12 * 2**20
    address = one.endpoint.host
    assert one.stop() is True
    assert one.stop() is False
    assert not processes(home_of_its_own)
    with pytest.raises(NotRunning, match="is not running"):
        one.client()
    assert one.status().memory_mb == 512
    assert one.status().why == ""
    one = Machine(home_of_its_own)
    one.start()
    assert one.endpoint.host == address
    with closing(one.client()) as client:
        assert {container.name for container in client.containers.list(all=True)} >= {"writer", "waiter"}
        assert client.containers.get("waiter").status == "running"
        read = {"keep": {"bind": "/keep", "mode": "ro"}}
        assert client.containers.run(BUSYBOX, ["cat", "/keep/word"], volumes=read, remove=True) == b"kept\n"
    one.remove()
    gone(home_of_its_own)


@pytest.mark.live
def test_a_temporary_machine_leaves_nothing(tmp_path: Path) -> None:
    """It publishes nothing by itself, is no machine that others would use, and when it ends all of it is gone."""
    with Machine(memory_mb=512, shares=[tmp_path]) as one:
        name = one.name
        assert traces(name)
        assert name not in [other.name for other in Machine.running()]
        with closing(one.client()) as client:
            serve = ["sh", "-c", "mkdir /w; echo reached > /w/index.html; exec httpd -f -h /w"]
            for bound in ("0.0.0.0", "127.0.0.1"):
                container = client.containers.run(BUSYBOX, serve, detach=True, ports={"80/tcp": (bound, 8765)})
                address, port = one.reach(8765)
                assert port != 8765
                wait_for(lambda: fetch(address, port) == "reached\n", "the page", seconds=10)  # noqa: B023
                assert one.reach(8765) == (address, port)
                container.remove(force=True)
        assert one.status().ports == []
    gone(name)


def fetch(host: str, port: int) -> str:
    """The page at a port, or nothing while nobody serves it."""
    import urllib.error
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{host}:{port}/", timeout=5) as answer:
            return str(answer.read().decode())
    except (OSError, urllib.error.URLError):
        return ""


@pytest.mark.live
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_machine_ends_with_its_owner(number: signal.Signals) -> None:
    """However the process ends that booted a machine for itself, nothing of the machine is left."""
    with subprocess.Popen([sys.executable, "-c", _OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        name = owner.stdout.readline().strip()
        assert traces(name)
        owner.send_signal(number)
    gone(name)


@pytest.mark.live
def test_two_machines_at_once_choose_different_cpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second machine goes to a CPU that the first doesn't use, where there is one."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # others run in the tests' own
    with Machine(memory_mb=512) as one, Machine(memory_mb=512) as other:
        cpus = {one.status().cpu, other.status().cpu}
        assert len(cpus) == min(2, len(os.sched_getaffinity(0)))
        assert other.endpoint != one.endpoint


@pytest.mark.live
def test_upgrading_keeps_the_disk_until_told_otherwise(home_of_its_own: str) -> None:
    """An upgrade stops the machine and keeps what is on its disk; with a fresh disk that is lost, as was said."""
    one = Machine(home_of_its_own, memory_mb=512)
    one.start()
    disk = one.folder / "work" / "disk.cow"
    assert "is up to date" in one.upgrade()
    assert not one.is_running()
    assert disk.exists()
    settings = machine_settings(one)
    settings.changed(base="/an/older/base").write(one.folder)
    assert "--fresh-disk" in one.upgrade()
    assert "is up to date" in one.upgrade(fresh_disk=True)
    assert not disk.exists()
    parts = machine_build.find()
    assert parts is not None
    assert machine_settings(one).base == str(parts.base)


def machine_settings(one: Machine) -> Settings:
    """What is kept of a machine."""
    return Settings.read(one.folder)


def test_nothing_of_ours_runs_before(home: Path) -> None:
    """The folder of machines is empty for whoever starts with an empty home."""
    assert leaks.files(home / "data", home) == []
