"""The memory that a machine gets where enough, little, or too little is available."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from docker.models.containers import Container

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.errors import NoMemory
from drydock.machine import Machine
from drydock.machine.artifacts import resolve
from drydock.machine.host import memory
from tests.architecture.tree import ROOT
from tests.drydock.machine.test_machine import gone
from tests.machines import PYTHON
from tests.pod.test_pod import packed

#: A cgroup v2 with a limit of 2 GB, of which 1000 MB are in use, 300 of these by the page cache.
_CGROUP = {"memory.max": 2 << 30, "memory.current": 1000 << 20}
_CGROUP_STAT = f"anon {700 << 20}\ninactive_file {200 << 20}\nactive_file {100 << 20}\n"


@pytest.fixture
def host_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the files of a computer with 4000 MB, of which 3000 are available, and no cgroups."""
    monkeypatch.setattr(memory, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path / "cgroups")
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").touch()
    set_available(tmp_path, 3000)
    return tmp_path


def set_available(host_files: Path, megabytes: int) -> None:
    """Set the available memory of that computer."""
    meminfo = f"MemTotal: {4000 << 10} kB\nMemFree: 1 kB\nMemAvailable: {megabytes << 10} kB\nHugePages_Total: 0\n"
    (host_files / "proc" / "meminfo").write_text(meminfo)


def add_cgroup(host_files: Path, line: str, folder: str, files: Mapping[str, int | str], stat: str) -> None:
    """Put this process into a cgroup: its line in /proc/self/cgroup, its folder, its files and its memory.stat."""
    with (host_files / "proc" / "self" / "cgroup").open("a") as cgroups:
        cgroups.write(line + "\n")
    path = host_files / "cgroups" / folder
    path.mkdir(parents=True, exist_ok=True)
    (path / "memory.stat").write_text(stat)
    for name, value in files.items():
        (path / name).write_text(f"{value}\n")


def test_the_real_files_are_read() -> None:
    """By the kernel's own files, the computer of the tests has enough memory for a machine."""
    assert memory.available().available_mb > memory.MINIMUM_MB + memory.OVERHEAD_MB


def test_without_cgroups_the_host_decides(host_files: Path) -> None:
    """Without a cgroup's limit, the host's available memory counts, and the reason names it."""
    available = memory.available()
    assert available.available_mb == 3000
    assert available.reason == "This computer has 4000 MB, of which 3000 MB are available."


def test_a_limit_of_cgroup_v2(host_files: Path) -> None:
    """A limit counts less its usage; the page cache is not counted as used, because the kernel reclaims it."""
    add_cgroup(host_files, "0::/pod", "pod", _CGROUP, _CGROUP_STAT)
    available = memory.available()
    assert available.available_mb == 2048 - 700
    assert available.reason == "The cgroup's limit is 2048 MB, of which 700 MB are in use."


def test_an_enclosing_cgroup_has_the_smaller_limit(host_files: Path) -> None:
    """The limit of an enclosing cgroup applies also when the inner cgroup has none."""
    unlimited = _CGROUP | {"memory.max": "max"}
    add_cgroup(host_files, "0::/pod/cell", "pod/cell", unlimited, _CGROUP_STAT)
    assert memory.available().available_mb == 3000
    add_cgroup(host_files, "9:cpu:/", "pod", _CGROUP, _CGROUP_STAT)
    assert memory.available().available_mb == 2048 - 700


def test_a_limit_of_cgroup_v1_in_a_container(host_files: Path) -> None:
    """In a container, /proc has the host's path, which is not visible; the limit is in the root's files."""
    files = {"memory.limit_in_bytes": 800 << 20, "memory.usage_in_bytes": 300 << 20}
    stat = f"inactive_file 1\ntotal_inactive_file {100 << 20}\ntotal_active_file 0\n"
    add_cgroup(host_files, "4:cpu,memory:/docker/0123", "memory", files, stat)
    assert memory.available().available_mb == 800 - 200


def test_where_enough_is_available(host_files: Path) -> None:
    """A machine gets the requested memory, or the default without a request."""
    assert memory.choose_mb(None) == 1024
    assert memory.choose_mb(2048) == 2048


def test_without_a_request_little_memory_is_used(host_files: Path) -> None:
    """Without a request, a machine gets what is available less the overhead, if that is below the default."""
    set_available(host_files, 700)
    assert memory.choose_mb(None) == 700 - memory.OVERHEAD_MB


def test_the_minimum_needs_less_than_its_size(host_files: Path) -> None:
    """The smallest machine boots where less than its size is available, because its memory may be a file on a disk."""
    set_available(host_files, memory.MINIMUM_AVAILABLE_MB)
    assert memory.choose_mb(None) == memory.choose_mb(256) == 256


def test_a_request_is_met_or_refused(host_files: Path) -> None:
    """A request that does not fit is an error with the needed, the available and the largest possible memory."""
    set_available(host_files, 700)
    assert memory.choose_mb(512) == 512
    with pytest.raises(NoMemory, match="1088 MB are needed, 700 MB are available") as caught:
        memory.choose_mb(1024)
    assert caught.value.why == "This computer has 4000 MB, of which 700 MB are available."
    assert caught.value.next.endswith("drydock machine start --memory 636")


def test_too_little_for_any_machine(host_files: Path) -> None:
    """Below the minimum, the error offers no smaller machine, and no machine can be started here."""
    add_cgroup(host_files, "0::/pod", "pod", _CGROUP | {"memory.max": 800 << 20}, _CGROUP_STAT)
    with pytest.raises(NoMemory, match="160 MB are needed, 100 MB are available") as caught:
        memory.choose_mb(None)
    assert caught.value.why == "The cgroup's limit is 800 MB, of which 700 MB are in use."
    assert "--memory" not in caught.value.next
    assert isinstance(resolve.unavailable_reason(), NoMemory)


@pytest.mark.live
def test_too_little_memory_leaves_no_files(host_files: Path, machine_name: str) -> None:
    """A machine that does not fit is refused before any of its files is created."""
    set_available(host_files, 150)
    with pytest.raises(NoMemory):
        Machine(machine_name).start()
    gone(machine_name)


@pytest.mark.live
def test_a_machine_on_little_memory(host_files: Path, machine_name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A machine boots with little memory, prints a note and works; once more is available, it gets the default."""
    set_available(host_files, memory.MINIMUM_AVAILABLE_MB)
    machine = Machine(machine_name)
    machine.start()
    assert (
        f"Booting the machine {machine_name} with 256 MB, because little memory is available" in capfd.readouterr().err
    )
    with closing(machine.client()) as client:
        assert client.info()["MemTotal"] <= 256 << 20
        output = client.containers.run(PYTHON, ["python3", "-c", "print(len(bytes(32 << 20)))"], remove=True)
        assert output == b"33554432\n"
    machine.stop()
    set_available(host_files, 3000)
    machine.start()
    assert machine.status().memory_mb == 1024
    assert "little memory is available" not in capfd.readouterr().err
    machine.remove()


@pytest.fixture
def small_container(host: Endpoint) -> Iterator[Container]:
    """Create a container with a limit of 300 MB, the module under test and what that imports of Drydock."""
    packages = ("drydock", "drydock/machine", "drydock/machine/host")
    contents: dict[str, Path | bytes] = {f"{package}/__init__.py": b"" for package in packages}
    sources = [*(ROOT / "drydock/errors").glob("*.py"), ROOT / "drydock/machine/host/memory.py"]
    contents |= {str(path.relative_to(ROOT)): path for path in sources}
    script = "import json; from drydock.machine.host import memory; print(json.dumps(vars(memory.available())))"
    with closing(host.client()) as client:
        images.build(client, ["python"])
        options: dict[str, Any] = {"mem_limit": "300m", "working_dir": "/tmp", "labels": {LABEL: "tests"}}
        container = client.containers.create(PYTHON, ["python3", "-c", script], **options)
        try:
            container.put_archive("/tmp", packed(contents.items()))
            yield container
        finally:
            container.remove(force=True)


@pytest.mark.host
def test_a_container_that_really_is_small(small_container: Container) -> None:
    """The limit that Docker sets is the limit that is read, in this computer's version of cgroups."""
    small_container.start()
    assert small_container.wait()["StatusCode"] == 0, small_container.logs()
    available = json.loads(small_container.logs())
    assert 200 < available["available_mb"] <= 300
    assert "limit is 300 MB" in available["reason"]
