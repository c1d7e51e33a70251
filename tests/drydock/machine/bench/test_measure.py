"""The whole benchmark, and the command that runs it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any, cast

import docker
import pytest

from drydock import cli
from drydock.core.endpoint import Endpoint
from drydock.errors import DrydockError
from drydock.machine import bench
from drydock.machine.bench import daemons, file_copy, measure, port_traffic, results_table, workload
from drydock.machine.bench.daemons import Daemon
from tests.drydock.machine.conftest import Command

CONTRACT = {"api_s", "run_s", "exec_s", "build_s", "network_s", "rss_mb"}
#: The rows of a machine's edge: a burst, streams through a published port, and ``docker cp``.
EDGE = {"burst_answered", "burst_s", "port_in_mb_s", "port_out_mb_s", "cp_in_mb_s", "cp_out_mb_s"}


def fake(name: str, **changes: Any) -> Daemon:
    """Return a daemon without processes, with its name as its client."""
    return Daemon(name, cast(docker.DockerClient, name), set, Endpoint(f"unix:///{name}"), ("127.0.0.1", 1), **changes)


def test_daemons_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """In each round every daemon is measured once, so that other load on this computer affects all of them."""
    measured: list[str] = []

    def task(client: docker.DockerClient) -> float:
        measured.append(str(client))
        return float(len(measured))

    monkeypatch.setattr(workload, "TASKS", {"run_s": task})
    monkeypatch.setattr(workload, "run_phases", lambda client: {"start_s": 2.0})
    monkeypatch.setattr(port_traffic, "measure", lambda client, binding: {"burst_s": 1.0})
    monkeypatch.setattr(file_copy, "measure", lambda client, endpoint: {"cp_in_mb_s": 50.0})
    figures = measure._measure([fake("compiled", boots=[3.0, 9.0, 4.0]), fake("host")], 3, loading=False)
    assert measured == ["compiled", "host"] * 3
    edge = {"burst_s": 1.0, "cp_in_mb_s": 50.0}
    assert figures["compiled"] == {"api_s": 4.0, "run_s": 3.0, "start_s": 2.0, "cpu_s": 0.0} | edge
    assert figures["host"] == {"run_s": 4.0, "start_s": 2.0, "cpu_s": 0.0} | edge


def test_transfers_of_a_slow_daemon_are_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bursts and copies, which take minutes in emulation, are measured in its first round only."""
    measured: list[str] = []

    def measure_port(client: docker.DockerClient, binding: tuple[str, int]) -> dict[str, float]:
        measured.append(str(client))
        return {"burst_s": 1.0}

    monkeypatch.setattr(workload, "TASKS", {})
    monkeypatch.setattr(workload, "run_phases", lambda client: {})
    monkeypatch.setattr(port_traffic, "measure", measure_port)
    monkeypatch.setattr(file_copy, "measure", lambda client, endpoint: {})
    measure._measure([fake("compiled"), fake("qemu", slow=True)], 3, loading=False)
    assert measured == ["compiled", "qemu", "compiled", "compiled"]


def test_a_slow_daemon_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading an image, which takes minutes in emulation, is done once there."""
    loaded: list[str] = []

    class Archive:
        def __init__(self, *_: object) -> None:
            pass

        def load(self, client: docker.DockerClient) -> float:
            loaded.append(str(client))
            return 1.0

    monkeypatch.setattr(measure, "ImageArchive", Archive)
    samples = {name: measure.Samples(list) for name in ("compiled", "qemu")}
    measure._measure_loading([fake("compiled"), fake("qemu", slow=True)], 3, samples)
    assert loaded == ["compiled", "qemu", "compiled", "compiled"]


def test_qemu_that_does_not_boot_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """If QEMU does not boot, the other daemons are measured without it."""

    def fails(*_: object) -> None:
        raise DrydockError("no network to download it", why="", next="")

    monkeypatch.setattr(daemons, "emulated", fails)
    with ExitStack() as stack:
        assert measure._qemu(stack, 0) == (None, "no network to download it")


@pytest.mark.parametrize(("words", "arguments"), [([], (5, False)), (["--all", "--rounds", "7"], (7, True))])
def test_the_command(
    words: list[str], arguments: tuple[int, bool], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The options set the number of rounds, and whether all daemons are measured."""
    calls: list[tuple[int, bool]] = []

    def record(rounds: int, *, all_daemons: bool) -> dict[str, Any]:
        calls.append((rounds, all_daemons))
        return {"machine": {}}

    monkeypatch.setattr(bench, "bench", record)
    assert cli.main(["machine", "bench", "--json", *words]) == 0
    assert calls == [arguments]
    assert json.loads(capsys.readouterr().out) == {"machine": {}}


@pytest.mark.nightly
@pytest.mark.live
def test_the_json_output(drydock_machine: Command) -> None:
    """The output is one JSON object: the machine's figures, the host daemon's or null, and their ratio."""
    done = drydock_machine("bench", "--json", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert CONTRACT | EDGE <= figures["machine"].keys() <= results_table.ROWS.keys()
    assert figures["machine"]["burst_answered"] == port_traffic.CONNECTIONS
    assert all(value > 0 for value in figures["machine"].values())
    if figures["host"] is None:
        assert "host" in figures["absent"]
        assert figures["ratio"] == {}
    else:
        assert {"run_s", "exec_s", "build_s", "network_s"} | EDGE <= figures["ratio"].keys()
