"""The whole run."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any, cast

import docker
import pytest

from drydock import cli
from drydock.errors import DrydockError
from drydock.machine import bench
from drydock.machine.bench import daemons, measure, results_table, workload
from drydock.machine.bench.daemons import Side
from tests.drydock.machine.conftest import Command

CONTRACT = {"api_s", "run_s", "exec_s", "build_s", "network_s", "rss_mb"}


def fake(name: str, **changes: Any) -> Side:
    """A side without a daemon, whose name its stand-in of a client is."""
    return Side(name, cast(docker.DockerClient, name), set, **changes)


def test_rounds_are_taken_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """One side after the other, again and again, so that what disturbs this computer disturbs all alike."""
    asked: list[str] = []

    def task(client: docker.DockerClient) -> float:
        asked.append(str(client))
        return float(len(asked))

    monkeypatch.setattr(workload, "TIMES", {"run_s": task})
    monkeypatch.setattr(workload, "parts", lambda client: {"start_s": 2.0})
    figures = measure._measure([fake("compiled", boots=[3.0, 9.0, 4.0]), fake("host")], 3, loading=False)
    assert asked == ["compiled", "host"] * 3
    assert figures["compiled"] == {"api_s": 4.0, "run_s": 3.0, "start_s": 2.0, "cpu_s": 0.0}
    assert figures["host"] == {"run_s": 4.0, "start_s": 2.0, "cpu_s": 0.0}


def test_who_is_slow_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes minutes in emulation is not done five times."""
    loaded: list[str] = []

    class Archive:
        def __init__(self, *_: object) -> None:
            pass

        def load(self, client: docker.DockerClient) -> float:
            loaded.append(str(client))
            return 1.0

    monkeypatch.setattr(measure, "Archive", Archive)
    taken = {name: measure.Taken(list) for name in ("compiled", "qemu")}
    measure._load([fake("compiled"), fake("qemu", slow=True)], 3, taken)
    assert loaded == ["compiled", "qemu", "compiled", "compiled"]


def test_qemu_that_does_not_boot_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others' figures are worth having without it."""

    def fails(*_: object) -> None:
        raise DrydockError("no network to fetch it by", why="", next="")

    monkeypatch.setattr(daemons, "emulated", fails)
    with ExitStack() as stack:
        assert measure._qemu(stack, 0) == (None, "no network to fetch it by")


@pytest.mark.parametrize(("words", "seen"), [([], (5, False)), (["--all", "--rounds", "7"], (7, True))])
def test_the_command(
    words: list[str], seen: tuple[int, bool], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its options say how often, and whether everybody takes part."""
    asked: list[tuple[int, bool]] = []

    def answer(rounds: int, *, everybody: bool) -> dict[str, Any]:
        asked.append((rounds, everybody))
        return {"machine": {}}

    monkeypatch.setattr(bench, "bench", answer)
    assert cli.main(["machine", "bench", "--json", *words]) == 0
    assert asked == [seen]
    assert json.loads(capsys.readouterr().out) == {"machine": {}}


@pytest.mark.live
def test_what_programs_read(drydock_machine: Command) -> None:
    """One JSON object: the machine's figures, the host's daemon's or null, and the ratio of what both have."""
    done = drydock_machine("bench", "--json", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert CONTRACT <= figures["machine"].keys() <= results_table.ROWS.keys()
    assert all(value > 0 for value in figures["machine"].values())
    if figures["host"] is None:
        assert "host" in figures["absent"]
        assert figures["ratio"] == {}
    else:
        assert {"run_s", "exec_s", "build_s", "network_s"} <= figures["ratio"].keys()
