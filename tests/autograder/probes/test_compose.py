"""Stacks of small containers, in a machine: their roles, their settings, and what can be done to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from docker import DockerClient
from docker.models.containers import Container
from docker.types import IPAMConfig, IPAMPool

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.probes.compose import (
    addresses,
    comes_back,
    crash,
    find,
    name_of,
    processes,
    renew,
    signal,
    started_at,
)
from autograder.probes.port_bindings import bindings
from autograder.sandbox.machine_sandbox import MachineSandbox
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]

BUSYBOX = "drydock/busybox:1.37"
PARTS = ("store", "web")
Start = Callable[..., Container]


@pytest.fixture
def context(sandbox: MachineSandbox) -> Iterator[CheckContext]:
    """Its check context; nothing of a test is left in it."""
    with closing(sandbox.client()) as client:
        yield CheckContext(client, sandbox.reach, "a-token")
        for container in client.containers.list(all=True, ignore_removed=True):
            container.remove(force=True, v=True)
        for things in (client.networks.list(names=["test-"]), client.volumes.list()):
            for thing in things:
                thing.remove()


@pytest.fixture
def start(context: CheckContext) -> Start:
    """Starts a container that waits; ``service`` and ``project`` are compose's words for it."""

    def run(name: str, command: Any = "sleep 600", *, service: str = "", project: str = "", **more: Any) -> Container:
        labels = {"com.docker.compose.service": service, "com.docker.compose.project": project}
        used = {key: value for key, value in labels.items() if value}
        return context.docker.containers.run(
            BUSYBOX, command, name=name, labels=used, detach=True, init=True, **{"stop_signal": "KILL", **more}
        )

    return run


def network(client: DockerClient, name: str, **options: Any) -> str:
    """A new network."""
    client.networks.create(f"test-{name}", **options)
    return f"test-{name}"


def names(containers: list[Container]) -> list[str]:
    """Their names."""
    return sorted(str(container.name) for container in containers)


def test_a_part_has_a_name_or_is_a_service(context: CheckContext, start: Start) -> None:
    """A role is found with any tool; a service may have several containers."""
    start("store")
    start("shop-web-1", service="web", project="shop")
    start("shop-web-2", service="web", project="shop")
    stack = find(context, PARTS)
    assert {name: names(those) for name, those in stack.parts.items()} == {
        "store": ["store"],
        "web": ["shop-web-1", "shop-web-2"],
    }
    assert names(stack.all) == ["shop-web-1", "shop-web-2", "store"]
    assert list(stack.parts) == list(PARTS)
    assert [name_of(container) for container in stack.all] == ["store", "web", "web"]


def test_another_projects_services_play_no_part(context: CheckContext, start: Start) -> None:
    """A student's daemon may have others; the whole stack counts, and of two the newer one."""
    start("old-store-1", service="store", project="old")
    start("old-web-1", service="web", project="old")
    start("new-store-1", service="store", project="new")
    start("new-web-1", service="web", project="new")
    start("half-web-1", service="web", project="half")
    assert names(find(context, PARTS).all) == ["new-store-1", "new-web-1"]


def test_a_missing_part_is_told(context: CheckContext, start: Start) -> None:
    """With what there is; the grader's own does not count."""
    start("web")
    context.docker.containers.create(BUSYBOX, name="store", labels={LABEL: "autograder"})
    with pytest.raises(Failed, match=r"`store`\. There is: web") as failed:
        find(context, PARTS)
    assert failed.value.hint
    context.docker.containers.get("web").remove(force=True)
    with pytest.raises(Failed, match="no container at all"):
        find(context, PARTS)


def test_neighbours_are_those_in_the_same_network(context: CheckContext, start: Start) -> None:
    """But not in the one where everybody is who asked for none."""
    shared = network(context.docker, "shared")
    start("store", network=shared)
    start("web")
    start("relay", network=shared)
    start("unrelated")
    assert names(find(context, PARTS).others) == ["relay"]


def test_where_it_is_found(context: CheckContext, start: Start) -> None:
    """Its addresses in its networks, and the ports of the computer that lead to it."""
    made = network(context.docker, "one")
    web = start("web", network=made, ports={80: ("127.0.0.1", 8086), 90: None})
    context.docker.networks.get(network(context.docker, "two")).connect(web)
    web.reload()
    assert len(addresses(web)) == 2
    assert ("127.0.0.1", 8086) in bindings(web)
    assert len({port for _, port in bindings(web)}) == 2


def test_processes_are_seen_from_outside(context: CheckContext, start: Start) -> None:
    """All of them, with the user they act for; those of other containers are not among them."""
    web = start("web", ["sh", "-c", "sleep 600 & sleep 600"], user="33")
    store = start("store")
    start("other", user="7")
    running = processes(context, [web, store])
    assert {process.uid for process in running if process.container == web.id} == {33}
    assert len([process for process in running if process.container == web.id]) >= 3
    assert {process.container for process in running} == {web.id, store.id}


def test_a_process_hides_behind_no_number_of_others(context: CheckContext, start: Start) -> None:
    """All are listed, although there are more of them than last lines of a log."""
    web = start("web", ["sh", "-c", "for n in $(seq 300); do sleep 600 & done; wait"])
    wait_for(lambda: len(processes(context, [web])) > 300, "all processes", seconds=120)


def test_an_incomplete_list_of_processes_has_failed(
    context: CheckContext, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing in it could be the one that runs as root."""
    monkeypatch.setattr("autograder.checks.context.exit_code", lambda *_: None)
    with pytest.raises(Failed, match="could not all be listed"):
        processes(context, [start("web")])


def test_a_crash_is_not_a_request_to_stop(context: CheckContext, start: Start) -> None:
    """Docker starts again what has a policy, and leaves alone what has none."""
    web, store = start("web", restart_policy={"Name": "always"}), start("store")
    before = {container.name: started_at(container) for container in (web, store)}
    crash(context, web)
    crash(context, store)
    assert comes_back(web, before["web"])
    wait_for(lambda: started_at(store) is None, "it to end", seconds=60)


@pytest.mark.nightly
def test_a_signal_stops_what_runs(context: CheckContext, start: Start) -> None:
    """And another lets it go on."""
    web = start("web", ["sh", "-c", "while :; do :; done"])
    these = processes(context, [web])
    signal(context, "STOP", these)
    assert {state(context, process.pid) for process in these} == {"T"}
    signal(context, "CONT", these)
    assert "T" not in {state(context, process.pid) for process in these}


def state(context: CheckContext, pid: int) -> str:
    """What the kernel says a process does."""
    return context.run(f"sed 's/.*) //' /proc/{pid}/stat", pid_mode="host")[1][:1]


@pytest.mark.nightly
def test_made_anew_it_is_the_same(context: CheckContext, start: Start) -> None:
    """Another container with the settings of the first: networks, addresses, names, volumes, limits."""
    back, hall = network(context.docker, "back", internal=True), network(context.docker, "hall")
    start("store", ["sh", "-c", "date +%N >> /data/starts; sleep 600"], network=back, volumes=["kept:/data", "/lost"])
    web = context.docker.containers.create(
        BUSYBOX, ["sh", "-c", "exec sleep 600"], name="web", network=hall, mem_limit="20m", read_only=True, user="33",
        environment={"WORD": "a b"}, restart_policy={"Name": "always"}, tmpfs={"/tmp": "size=1m"}, stop_signal="KILL",
        ports={"80/tcp": ("127.0.0.1", 8087)},
    )  # fmt: skip
    context.docker.networks.get(back).connect(web, aliases=["entrance"])
    web.start()
    old = find(context, PARTS)
    renew(context, old)
    new = find(context, PARTS)
    assert {container.id for container in new.all}.isdisjoint(container.id for container in old.all)
    assert [container.name for container in new.all] == ["store", "web"]
    [store], [web] = new.parts["store"], new.parts["web"]
    assert store.exec_run(["sh", "-c", "grep -c . /data/starts"]).output == b"2\n"
    assert store.exec_run("ping -c 1 -W 5 entrance").exit_code == 0
    settings = web.attrs["HostConfig"]
    assert (settings["Memory"], settings["ReadonlyRootfs"], settings["Tmpfs"]) == (20 << 20, True, {"/tmp": "size=1m"})
    assert web.exec_run("sh -c 'id -u; echo $WORD'").output == b"33\na b\n"
    assert (set(web.attrs["NetworkSettings"]["Networks"]), bindings(web)) == ({back, hall}, {("127.0.0.1", 8087)})


@pytest.mark.nightly
def test_who_removes_itself_is_made_anew_too(context: CheckContext, start: Start) -> None:
    """And an address of one's own is kept."""
    pool = IPAMConfig(pool_configs=[IPAMPool(subnet="172.31.7.0/24")])
    fixed = context.docker.networks.create("test-fixed", ipam=pool)
    web = context.docker.containers.create(BUSYBOX, "sleep 600", name="web", auto_remove=True, stop_signal="KILL")
    context.docker.networks.get("bridge").disconnect(web)
    fixed.connect(web, ipv4_address="172.31.7.77")
    web.start()
    start("store")
    renew(context, find(context, PARTS))
    assert addresses(find(context, PARTS).parts["web"][0]) == ["172.31.7.77"]


def test_what_cannot_be_made_anew_is_told(context: CheckContext, start: Start) -> None:
    """Here it leans on a container that is not there any more."""
    web = start("web")
    start("store", network_mode=f"container:{web.id}")
    with pytest.raises(Failed, match="`store` was removed and could not be made anew") as failed:
        renew(context, find(context, PARTS))
    assert failed.value.hint
