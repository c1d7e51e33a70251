"""How much memory a machine gets where there is plenty, where there is little, and where there is too little."""

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

#: A group of the second edition, in a system of its own: 2 GB, of which 1000 MB are taken, 300 of them by files.
_GROUP = {"memory.max": 2 << 30, "memory.current": 1000 << 20}
_GROUP_FACTS = f"anon {700 << 20}\ninactive_file {200 << 20}\nactive_file {100 << 20}\n"


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer with 4000 MB, of which 3000 are available, and no control groups: files of our own say so."""
    monkeypatch.setattr(memory, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(memory, "_GROUPS", tmp_path / "groups")
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").touch()
    computer(tmp_path, 3000)
    return tmp_path


def computer(ground: Path, available: int) -> None:
    """So many MB are available."""
    lines = f"MemTotal: {4000 << 10} kB\nMemFree: 1 kB\nMemAvailable: {available << 10} kB\nHugePages_Total: 0\n"
    (ground / "proc" / "meminfo").write_text(lines)


def group(ground: Path, line: str, folder: str, files: Mapping[str, int | str], facts: str) -> None:
    """Put this process into a group, with these limits."""
    with (ground / "proc" / "self" / "cgroup").open("a") as groups:
        groups.write(line + "\n")
    place = ground / "groups" / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "memory.stat").write_text(facts)
    for name, value in files.items():
        (place / name).write_text(f"{value}\n")


def test_this_ground_says_something() -> None:
    """Where the tests run there is memory for a machine, by the system's own files."""
    assert memory.left().left_mb > memory.LEAST_MB + memory.BESIDE_MB


def test_without_limits_the_computer_has_the_say(ground: Path) -> None:
    """What is left is what the computer has available, and that is told."""
    room = memory.left()
    assert room.left_mb == 3000
    assert room.who == "this computer has 4000 MB, of which 3000 are available"


def test_a_group_of_the_second_edition(ground: Path) -> None:
    """Its limit, less what is taken; files that were read don't count, for the system gives them up."""
    group(ground, "0::/pod", "pod", _GROUP, _GROUP_FACTS)
    assert memory.left().left_mb == 2048 - 700
    assert "may take 2048 MB together, and have taken 700" in memory.left().who


def test_a_group_above_is_tighter(ground: Path) -> None:
    """A limit holds for all groups below it, also for one that has none of its own."""
    limitless = _GROUP | {"memory.max": "max"}
    group(ground, "0::/pod/cell", "pod/cell", limitless, _GROUP_FACTS)
    assert memory.left().left_mb == 3000
    group(ground, "9:cpu:/", "pod", _GROUP, _GROUP_FACTS)
    assert memory.left().left_mb == 2048 - 700


def test_a_group_of_the_first_edition_in_a_container(ground: Path) -> None:
    """There the path is the host's and not to be seen; the group's own files are at the top."""
    files = {"memory.limit_in_bytes": 800 << 20, "memory.usage_in_bytes": 300 << 20}
    facts = f"inactive_file 1\ntotal_inactive_file {100 << 20}\ntotal_active_file 0\n"
    group(ground, "4:cpu,memory:/docker/0123", "memory", files, facts)
    assert memory.left().left_mb == 800 - 200


def test_where_there_is_enough(ground: Path) -> None:
    """A machine gets what was asked for, or the usual where nobody asked."""
    assert memory.fitting(None) == 1024
    assert memory.fitting(2048) == 2048


def test_little_is_shared_out(ground: Path) -> None:
    """Who asked for nothing in particular gets what is left, but for what stands beside a machine."""
    computer(ground, 700)
    assert memory.fitting(None) == 700 - memory.BESIDE_MB


def test_the_least_is_had_where_a_disk_helps_out(ground: Path) -> None:
    """A machine's memory may lie on a disk: slow, but better than none."""
    computer(ground, memory.TIGHT_MB)
    assert memory.fitting(None) == memory.fitting(256) == 256


def test_a_wish_is_kept_or_refused(ground: Path) -> None:
    """Who asked for more than there is hears how much is needed, how much is left, and what could be had instead."""
    computer(ground, 700)
    assert memory.fitting(512) == 512
    with pytest.raises(NoMemory, match="1088 MB are needed, 700 MB are left") as caught:
        memory.fitting(1024)
    assert caught.value.why == "this computer has 4000 MB, of which 700 are available"
    assert caught.value.next.endswith("drydock machine start --memory 636")


def test_too_little_for_any(ground: Path) -> None:
    """Below the least that a machine can do with, nothing is offered, and that is why none can be booted here."""
    group(ground, "0::/pod", "pod", _GROUP | {"memory.max": 800 << 20}, _GROUP_FACTS)
    with pytest.raises(NoMemory, match="160 MB are needed, 100 MB are left") as caught:
        memory.fitting(None)
    assert "may take 800 MB together, and have taken 700" in caught.value.why
    assert "--memory" not in caught.value.next
    assert isinstance(resolve.why_not(), NoMemory)


@pytest.mark.live
def test_nothing_is_begun_on_too_little(ground: Path, home_of_its_own: str) -> None:
    """A machine that can't be is refused before any of it is made."""
    computer(ground, 150)
    with pytest.raises(NoMemory):
        Machine(home_of_its_own).start()
    gone(home_of_its_own)


@pytest.mark.live
def test_a_machine_on_little(ground: Path, home_of_its_own: str, capfd: pytest.CaptureFixture[str]) -> None:
    """It boots on what is left, says so and works; on a better day it has the usual again."""
    computer(ground, memory.TIGHT_MB)
    machine = Machine(home_of_its_own)
    machine.start()
    assert f"Booting the machine {home_of_its_own} on 256 MB, since little is left" in capfd.readouterr().err
    with closing(machine.client()) as client:
        assert client.info()["MemTotal"] <= 256 << 20
        said = client.containers.run(PYTHON, ["python3", "-c", "print(len(bytes(32 << 20)))"], remove=True)
        assert said == b"33554432\n"
    machine.stop()
    computer(ground, 3000)
    machine.start()
    assert machine.status().memory_mb == 1024
    assert "little is left" not in capfd.readouterr().err
    machine.remove()


@pytest.fixture
def small(host: Endpoint) -> Iterator[Container]:
    """A container that really has 300 MB, with the module in it and no more of Drydock than that needs."""
    contents: dict[str, Path | bytes] = {f"drydock/{name}": b"" for name in ("__init__.py", "machine/__init__.py")}
    contents |= {name: ROOT / name for name in ("drydock/errors.py", "drydock/machine/memory.py")}
    look = "import json; from drydock.machine.host import memory; print(json.dumps(vars(memory.left())))"
    with closing(host.client()) as client:
        images.build(client, ["python"])
        options: dict[str, Any] = {"mem_limit": "300m", "working_dir": "/tmp", "labels": {LABEL: "tests"}}
        container = client.containers.create(PYTHON, ["python3", "-c", look], **options)
        try:
            container.put_archive("/tmp", packed(contents.items()))
            yield container
        finally:
            container.remove(force=True)


@pytest.mark.host
def test_a_container_that_really_is_small(small: Container) -> None:
    """The limit that Docker sets is the one that is read, of whichever edition this computer's groups are."""
    small.start()
    assert small.wait()["StatusCode"] == 0, small.logs()
    room = json.loads(small.logs())
    assert 200 < room["left_mb"] <= 300
    assert "may take 300 MB together" in room["who"]
