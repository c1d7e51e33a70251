"""The same requests beside a real daemon: whatever was asked, nothing that it did is outside of what is allowed."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container
from docker.types import Mount

from autograder.execution import archives
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.machine import Machine
from tests import groups
from tests.drydock.machine.guest.proxy.random_requests import Requests
from tests.drydock.machine.guest.proxy.test_fuzz import expected, made
from tests.machines import BUSYBOX, PYTHON

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(3600)]

_BATCH = 100
#: The numbers of the night's requests, in parts that take some minutes each.
_PARTS = [range(first, first + 5_000) for first in range(0, 100_000, 5_000)]
_CLIENT = Path(__file__).with_name("fuzz_client.py").read_bytes()
_DEFAULTS = {"bridge": "bridge", "host": "host", "none": "null"}
_SHARED = ("NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode")
_ALWAYS_EMPTY = (
    "Privileged",
    "Annotations",
    "Devices",
    "DeviceRequests",
    "DeviceCgroupRules",
    "CgroupParent",
    "StorageOpt",
)


class Notebook:
    """A container that uses the proxy as a notebook does, and the daemon as the grader sees it."""

    def __init__(self, client: DockerClient) -> None:
        self._client = client
        volume = client.volumes.create("work-fuzz", labels={LABEL: "autograder"})
        self._folder = str(volume.attrs["Mountpoint"])
        self._container = client.containers.run(
            PYTHON,
            ["sleep", "100000"],
            name="kernel-fuzz",
            labels={LABEL: "autograder"},
            detach=True,
            init=True,
            mounts=[
                Mount("/var/run/docker.sock", "/var/run/docker.sock", type="bind"),
                Mount(self._folder, "work-fuzz"),
            ],
            network_mode="host",
        )
        script = "mkdir -p $0/a/b; ln -s / $0/link; ln -s a/b $0/inner"
        self._container.exec_run(["sh", "-c", script, self._folder])
        self._container.put_archive("/", archives.packed({"fuzz_client.py": _CLIENT}))

    def ask(self, seeds: range) -> list[str]:
        """Send the requests with these numbers; return a status for each."""
        own = self._client.containers.run(
            BUSYBOX, ["sleep", "1000"], name="own", labels={LABEL: "submission"}, detach=True
        )
        self._client.networks.create("back")
        lines = [self._line(seed, str(own.id)) for seed in seeds]
        self._container.put_archive("/", archives.packed({"requests": "\n".join(lines).encode()}))
        output: Any = self._container.exec_run(["python3", "/fuzz_client.py"]).output
        return str(output.decode()).splitlines()

    def _line(self, seed: int, own: str) -> str:
        raw = Requests(Random(seed)).make()
        kernel = str(self._container.id)
        names = {"own": own, "kernel": kernel, "kernel_short": kernel[:12], "work": self._folder}
        for name, value in names.items():
            raw = raw.replace(b"{%b}" % name.encode(), value.encode())
        kind = "complete" if expected(made(Random(seed))).complete else "incomplete"
        return f"{kind} {base64.b64encode(raw).decode()}"

    def check(self) -> None:
        """Compare what the daemon has now with what a submission may have."""
        self._container.reload()
        assert self._container.status == "running"
        assert [fault for container in self._others() for fault in _container_faults(container.attrs)] == []
        assert [fault for network in self._client.networks.list() for fault in _network_faults(network.attrs)] == []
        for volume in self._client.volumes.list():
            assert (volume.attrs["Driver"], volume.attrs["Options"]) == ("local", None)

    def clean(self) -> None:
        """Remove what the requests made."""
        wait_for(self._has_removed_containers, "the removal of all containers", seconds=60)
        self._client.networks.prune()
        self._client.volumes.prune({"all": True})
        for tag in {tag for image in self._client.images.list("mine") for tag in image.tags if tag.startswith("mine:")}:
            self._client.images.remove(tag)

    def _has_removed_containers(self) -> bool:
        for container in self._others():
            with suppress(APIError):  # a request of the notebook's removes it just now
                container.remove(force=True, v=True)
        return self._others() == []

    def _others(self) -> list[Container]:
        everything = self._client.containers.list(all=True, ignore_removed=True)
        return [container for container in everything if container.id != self._container.id]


def _container_faults(facts: dict[str, Any]) -> Iterator[str]:
    """Yield what a container of the submission must not have."""
    host, name = facts["HostConfig"], facts["Name"]
    if facts["Config"]["Labels"].get(LABEL) != "submission":
        yield f"{name}: labels {facts['Config']['Labels']}"
    for field in _ALWAYS_EMPTY:
        if host.get(field):
            yield f"{name}: {field} {host[field]}"
    for field in _SHARED:
        if host.get(field) == "host" or "kernel" in str(host.get(field)):
            yield f"{name}: {field} {host[field]}"
    for mount in facts["Mounts"]:
        inside = str(mount["Source"]).startswith("/var/lib/docker/volumes/")
        if mount["Type"] not in ("volume", "tmpfs") or (mount["Type"] == "volume" and not inside):
            yield f"{name}: mount {mount}"
    added = {name.removeprefix("CAP_") for name in host["CapAdd"] or ()}
    if added - {"CHOWN", "NET_BIND_SERVICE"} or host["Runtime"] != "crun":
        yield f"{name}: {host['CapAdd']} {host['Runtime']}"
    if not host["MaskedPaths"] or not host["ReadonlyPaths"] or host["OomScoreAdj"] < 0 or host["OomKillDisable"]:
        yield f"{name}: {host['MaskedPaths']} {host['ReadonlyPaths']} {host['OomScoreAdj']}"
    if [option for option in host["SecurityOpt"] or () if not option.startswith("no-new-privileges")]:
        yield f"{name}: {host['SecurityOpt']}"
    if host["LogConfig"]["Type"] not in ("json-file", "local", "none") or "2376" in str(host["PortBindings"]):
        yield f"{name}: {host['LogConfig']} {host['PortBindings']}"


def _network_faults(facts: dict[str, Any]) -> Iterator[str]:
    if facts["Driver"] != _DEFAULTS.get(facts["Name"], "bridge"):
        yield f"{facts['Name']}: driver {facts['Driver']}"
    if facts["Name"] not in _DEFAULTS and ("bridge.name" in str(facts["Options"]) or "10.0.2." in str(facts["IPAM"])):
        yield f"{facts['Name']}: {facts['Options']} {facts['IPAM']}"


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    """A notebook in a machine for grading."""
    with Machine(memory_mb=1024, confined=True) as machine, closing(machine.client(timeout=600)) as client:
        yield Notebook(client)


def hold(notebook: Notebook, seeds: range) -> None:
    """Send these requests, and look at the daemon after each hundred."""
    statuses: Counter[str] = Counter()
    for first in range(seeds.start, seeds.stop, _BATCH):
        batch = range(first, min(first + _BATCH, seeds.stop))
        answers = notebook.ask(batch)
        assert len(answers) == len(batch), answers[-3:]
        statuses.update(answer.split(" ")[1] if " " in answer else "none" for answer in answers)
        notebook.check()
        notebook.clean()
    print(f"{sum(statuses.values())} requests: {dict(sorted(statuses.items()))}")
    done = sum(number for status, number in statuses.items() if status.startswith("2"))
    assert done > len(seeds) // 10


def test_by_day(notebook: Notebook) -> None:
    """Two hundred requests, of which the daemon does many."""
    hold(notebook, range(200))


@pytest.mark.nightly
@pytest.mark.parametrize("seeds", groups.spread(_PARTS, group="requests", number=2))
def test_at_night(notebook: Notebook, seeds: range) -> None:
    """A hundred thousand, by the numbers of their generators, so that each batch can be made again."""
    hold(notebook, seeds)
