"""Who is measured."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from drydock.machine import Machine
from drydock.machine.artifacts import kernel_source
from drydock.machine.bench import daemons, qemu, workload


def test_no_daemon_on_this_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left out, with the reason."""
    monkeypatch.setattr(daemons, "HOST", Endpoint(f"unix://{tmp_path}/docker.sock"))
    with ExitStack() as stack:
        side, reason = daemons.host(stack)
    assert side is None
    assert workload.IMAGE in reason


def test_no_qemu(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left out, with the reason, and nothing is built or fetched for it."""
    monkeypatch.setattr(qemu, "find", lambda program: None)
    with ExitStack() as stack:
        assert daemons.emulated(stack, 0) == (None, qemu.why_not())


@pytest.mark.live
def test_a_machine_on_a_kernel_of_ones_choice() -> None:
    """It boots as often as asked, on the kernel asked for; the last boot stays until the end and costs something."""
    with ExitStack() as stack:
        (side,) = daemons.machines(stack, [kernel_source.DebianKernel.name], 0, boots=2)
        assert side.name == "debian"
        assert len(side.boots) == 2
        assert len([machine for machine in Machine.all() if machine.is_running()]) >= 1
        assert str(side.client.info()["KernelVersion"]).startswith("6.12")
        assert side.resident_mb() > 0
        before = side.cpu_seconds()
        workload.run(side.client)
        assert side.cpu_seconds() > before
        pids = side.pids() - {0}
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.host
def test_the_daemon_of_this_computer() -> None:
    """Its processes are found by the socket it listens at."""
    with ExitStack() as stack:
        side, reason = daemons.host(stack)
        if side is None:
            pytest.skip(reason)
        names = {Path(f"/proc/{pid}/comm").read_text().strip() for pid in side.pids() if Path(f"/proc/{pid}").exists()}
        assert "dockerd" in names
