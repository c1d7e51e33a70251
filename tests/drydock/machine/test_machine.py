"""A booted machine: what Docker can do in it, and that nothing is left of it afterwards."""

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

#: A program that boots a machine as its owner, prints its name, and waits.
_OWNER = """
import signal
from drydock.machine import Machine
with Machine(memory_mb=512) as machine:
    print(machine.name, flush=True)
    signal.pause()
"""


def traces(name: str) -> list[str]:
    """Return everything of a machine on this computer: its folder, its sockets and its processes."""
    folders = [str(path) for path in machines_folder().glob(f"{name}*")]
    sockets = [str(path) for path in Path(os.environ["XDG_RUNTIME_DIR"]).glob(f"drydock-{name[:16]}-*")]
    return folders + sockets + processes(name)


def processes(name: str) -> list[str]:
    """Return the processes that have a machine's folder on their command line."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"/drydock/machines/{name}" in line or f"/drydock-{name[:16]}-" in line:
            lines.append(f"{file.parent.name}: {line[:100]}")
    return lines


def gone(name: str) -> None:
    """Wait until nothing is left of a machine."""
    wait_for(lambda: not traces(name), f"{name} to be removed", seconds=60, details=lambda: "\n".join(traces(name)))


@pytest.mark.parametrize("name", ["", "A", "../x", "a" * 41])
def test_an_invalid_name(name: str) -> None:
    """An invalid name is refused at once."""
    with pytest.raises(BadName):
        Machine(name)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"memory_mb": 64}, "64 MB of memory"),
        ({"disk_gb": 7}, "disk of 7 GB"),
        ({"disk_gb": 33}, "Choose 8 to 32 GB"),
        ({"cpu": 4096}, "CPU 4096"),
        ({"shares": ["/usr"]}, "/usr can't be shared"),
        ({"shares": ["/no/such/folder"]}, "it is not a folder"),
    ],
)
def test_invalid_settings(settings: dict[str, object], message: str) -> None:
    """An invalid value is refused with a message about valid ones."""
    with pytest.raises(BadSetting, match=message):
        Machine("one", **settings)  # type: ignore[arg-type]


def test_a_share_with_a_comma_is_refused(tmp_path: Path) -> None:
    """A shared path with a comma, which mount options can't contain, is refused."""
    (tmp_path / "a,b").mkdir()
    with pytest.raises(BadSetting, match="no comma"):
        Machine("one", shares=[tmp_path / "a,b"])


def test_a_machine_that_does_not_exist(user_folders: Path) -> None:
    """A machine that was never started does not exist, and methods that need it raise an error and create nothing."""
    machine = Machine("one")
    assert not machine.exists()
    assert not machine.is_running()
    assert Machine.all() == []
    for method in (machine.status, machine.remove, machine.supervisor_pid, machine.upgrade, lambda: machine.endpoint):
        with pytest.raises(NoMachine, match="no machine named one"):
            method()
    assert list(machines_folder().iterdir()) == []


@pytest.mark.live
class TestShared:
    """Docker in the shared machine, and the machine's own state."""

    def test_run_and_remove(self, client: docker.DockerClient) -> None:
        """A container runs, its output is returned, and it is removed."""
        output = client.containers.run(BUSYBOX, ["echo", "hello"], remove=True, labels=MINE)
        assert output == b"hello\n"
        assert client.containers.list(all=True, filters={"label": list(MINE)}) == []

    def test_exec(self, client: docker.DockerClient) -> None:
        """A command in a running container returns its exit code and both output streams."""
        container = client.containers.run(BUSYBOX, ["sleep", "600"], detach=True, labels=MINE)
        code, output = container.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"], demux=True)
        assert code == 3
        assert list(output) == [b"out\n", b"err\n"]

    def test_build(self, client: docker.DockerClient) -> None:
        """A Dockerfile with several steps is built, and the image has their files."""
        dockerfile = f"FROM {BUSYBOX}\nRUN echo one > /word\nRUN echo two >> /word\nCMD cat /word\n"
        image, _ = client.images.build(fileobj=io.BytesIO(dockerfile.encode()), labels=MINE, rm=True)
        assert client.containers.run(image, remove=True, labels=MINE) == b"one\ntwo\n"
        client.images.remove(str(image.id), force=True)

    def test_a_build_that_fails(self, client: docker.DockerClient) -> None:
        """A build fails if one of its steps fails."""
        dockerfile = f"FROM {BUSYBOX}\nRUN exit 3\n"
        with pytest.raises(BuildError, match="returned a non-zero code: 3"):
            client.images.build(fileobj=io.BytesIO(dockerfile.encode()), rm=True, forcerm=True)

    def test_names_in_a_network(self, client: docker.DockerClient) -> None:
        """In a user-defined network, a container is reached by its name."""
        client.networks.create("meeting", labels=MINE)
        serve = ["sh", "-c", "mkdir /w; echo found > /w/index.html; exec httpd -f -h /w"]
        client.containers.run(BUSYBOX, serve, name="server", network="meeting", detach=True, labels=MINE)
        command = ["sh", "-c", "until wget -qO- http://server/; do usleep 50000; done"]
        output = client.containers.run(BUSYBOX, command, network="meeting", remove=True, labels=MINE)
        assert output == b"found\n"

    def test_limits(self, client: docker.DockerClient) -> None:
        """Limits on memory and processes are set in the container's cgroup."""
        command = ["cat", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/pids.max"]
        output = client.containers.run(BUSYBOX, command, mem_limit="64m", pids_limit=50, remove=True, labels=MINE)
        assert output.split() == [str(64 << 20).encode(), b"50"]

    def test_route_and_name_server(self, client: docker.DockerClient) -> None:
        """A container has a default route and a name server."""
        command = ["sh", "-c", "ip route | grep -c ^default; grep -c nameserver /etc/resolv.conf"]
        assert client.containers.run(BUSYBOX, command, remove=True, labels=MINE).split() == [b"1", b"1"]

    def test_a_share_in_a_running_machine(self, machine: Machine, client: docker.DockerClient, tmp_path: Path) -> None:
        """A shared folder is mounted under its own path, and files written on one side are read on the other."""
        folder = tmp_path / "my  work *"
        folder.mkdir()
        (folder / "host").write_text("from the host")
        machine.share(folder)
        command = ["sh", "-c", "cat /work/host; echo from the machine > /work/machine"]
        mount = {str(folder): {"bind": "/work", "mode": "rw"}}
        output = client.containers.run(BUSYBOX, command, volumes=mount, remove=True, labels=MINE)
        assert output == b"from the host"
        assert (folder / "machine").read_text() == "from the machine\n"
        assert str(folder) in machine.status().shares
        machine.share(folder / ".." / folder.name)  # the same folder by another path
        assert machine.status().shares.count(str(folder)) == 1

    def test_the_state_of_a_running_machine(self, machine: Machine) -> None:
        """A running machine is listed, has an address on 127.0.0.1, and a second start changes nothing."""
        pid = machine.supervisor_pid()
        status = machine.status()
        assert status.running
        assert status.why == ""
        assert status.endpoint == machine.endpoint.host
        assert machine.endpoint.host.startswith("tcp://127.0.0.1:")
        assert status.cpu in os.sched_getaffinity(0)
        assert machine.name in [other.name for other in Machine.running()]
        assert Machine(machine.name).start() is False
        assert machine.supervisor_pid() == pid

    def test_all_processes_are_pinned_to_one_cpu(self, machine: Machine) -> None:
        """The kernel and the network helper are pinned to the same CPU, which makes them four times as fast."""
        children = Path(f"/proc/{machine.supervisor_pid()}/task/{machine.supervisor_pid()}/children").read_text()
        allowed = [os.sched_getaffinity(int(pid)) for pid in children.split()]
        assert len(allowed) >= 2
        assert all(cpus == {machine.status().cpu} for cpus in allowed)

    def test_from_env_with_ca_bundle_and_proxy(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        """`docker.from_env()` connects also if a company's CA bundle and proxy are set."""
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.environ.get("SSL_CERT_FILE") or __file__)
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        for name, value in machine.endpoint.environment().items():
            monkeypatch.setenv(name, value)
        with closing(docker.from_env()) as client:
            assert client.ping()


@pytest.mark.live
def test_it_stops_and_starts_again(machine_name: str) -> None:
    """Containers, images, volumes and settings survive a stop, and a larger disk is used."""
    machine = Machine(machine_name, memory_mb=512, disk_gb=12)
    assert machine.start() is True
    with closing(machine.client()) as client:
        write = {"keep": {"bind": "/keep", "mode": "rw"}}
        client.containers.run(BUSYBOX, ["sh", "-c", "echo kept > /keep/word"], volumes=write, name="writer")
        policy: Any = {"Name": "unless-stopped"}
        client.containers.run(BUSYBOX, ["sleep", "600"], name="waiter", detach=True, restart_policy=policy)
        output = client.containers.run(
            BUSYBOX, ["df", "-k", "/disk"], volumes={"/var": {"bind": "/disk", "mode": "ro"}}
        )
        assert 11 * 2**20 < int(output.split()[-5]) <= 12 * 2**20
    address = machine.endpoint.host
    assert machine.stop() is True
    assert machine.stop() is False
    assert not processes(machine_name)
    with pytest.raises(NotRunning, match="is not running"):
        machine.client()
    assert machine.status().memory_mb == 512
    assert machine.status().why == ""
    machine = Machine(machine_name)
    machine.start()
    assert machine.endpoint.host == address
    with closing(machine.client()) as client:
        assert {container.name for container in client.containers.list(all=True)} >= {"writer", "waiter"}
        assert client.containers.get("waiter").status == "running"
        read = {"keep": {"bind": "/keep", "mode": "ro"}}
        assert client.containers.run(BUSYBOX, ["cat", "/keep/word"], volumes=read, remove=True) == b"kept\n"
    machine.remove()
    gone(machine_name)


@pytest.mark.live
def test_a_temporary_machine_leaves_nothing(tmp_path: Path) -> None:
    """A temporary machine forwards no ports by itself, is not listed as running, and nothing is left of it."""
    with Machine(memory_mb=512, shares=[tmp_path]) as machine:
        name = machine.name
        assert traces(name)
        assert name not in [other.name for other in Machine.running()]
        with closing(machine.client()) as client:
            serve = ["sh", "-c", "mkdir /w; echo reached > /w/index.html; exec httpd -f -h /w"]
            for address in ("0.0.0.0", "127.0.0.1"):
                container = client.containers.run(BUSYBOX, serve, detach=True, ports={"80/tcp": (address, 8765)})
                host, port = machine.reach(8765)
                assert port != 8765
                wait_for(lambda: fetch(host, port) == "reached\n", "the page", seconds=60)  # noqa: B023
                assert machine.reach(8765) == (host, port)
                container.remove(force=True)
        assert machine.status().ports == []
    gone(name)


def fetch(host: str, port: int) -> str:
    """Return the page at a port; empty while no server answers."""
    import urllib.error
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{host}:{port}/", timeout=5) as response:
            return str(response.read().decode())
    except (OSError, urllib.error.URLError):
        return ""


@pytest.mark.live
@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.nightly)])
def test_a_machine_ends_with_its_owner(number: signal.Signals) -> None:
    """If the owner of a machine is killed, nothing is left of the machine."""
    with subprocess.Popen([sys.executable, "-c", _OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        name = owner.stdout.readline().strip()
        assert traces(name)
        owner.send_signal(number)
    gone(name)


@pytest.mark.live
def test_an_upgrade_keeps_the_disk(machine_name: str) -> None:
    """An upgrade stops the machine and keeps its disk; with a fresh disk, the old one is removed."""
    machine = Machine(machine_name, memory_mb=512)
    machine.start()
    disk = machine.folder / "work" / "disk.cow"
    assert "is up to date" in machine.upgrade()
    assert not machine.is_running()
    assert disk.exists()
    settings = machine_settings(machine)
    settings.changed(base="/an/older/base").write(machine.folder)
    assert "--fresh-disk" in machine.upgrade()
    assert "is up to date" in machine.upgrade(fresh_disk=True)
    assert not disk.exists()
    artifacts = machine_build.find()
    assert artifacts is not None
    assert machine_settings(machine).base == str(artifacts.base)


def machine_settings(machine: Machine) -> Settings:
    """Return a machine's stored settings."""
    return Settings.read(machine.folder)


def test_a_new_user_has_no_machines(user_folders: Path) -> None:
    """With empty folders, there are no machines of ours."""
    assert leaks.files(user_folders / "data", user_folders) == []
