"""The daemons that are measured, and the reasons for absent ones."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from drydock.machine import Machine
from drydock.machine.artifacts import kernel_source
from drydock.machine.bench import daemons, qemu, workload


def test_without_a_host_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without a daemon gives a reason instead of a daemon."""
    monkeypatch.setattr(daemons, "HOST", Endpoint(f"unix://{tmp_path}/docker.sock"))
    with ExitStack() as stack:
        daemon, reason = daemons.host(stack)
    assert daemon is None
    assert workload.IMAGE in reason


def test_without_qemu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without QEMU there is a reason, and nothing is built or downloaded for it."""
    monkeypatch.setattr(qemu, "find", lambda program: None)
    with ExitStack() as stack:
        assert daemons.emulated(stack, 0) == (None, qemu.unavailable_reason())


@pytest.mark.nightly
@pytest.mark.live
def test_a_machine_on_a_chosen_kernel() -> None:
    """It is booted as often as requested, on the requested kernel; the last one runs, and its usage is measured."""
    with ExitStack() as stack:
        (daemon,) = daemons.machines(stack, [kernel_source.DebianKernel.name], 0, boots=2)
        assert daemon.name == "debian"
        assert len(daemon.boots) == 2
        assert len([machine for machine in Machine.all() if machine.is_running()]) >= 1
        assert str(daemon.client.info()["KernelVersion"]).startswith("6.12")
        assert daemon.resident_mb() > 0
        before = daemon.cpu_seconds()
        workload.run(daemon.client)
        assert daemon.cpu_seconds() > before
        pids = daemon.pids() - {0}
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.host
def test_the_host_daemon() -> None:
    """The processes of this computer's daemon are found by its socket."""
    with ExitStack() as stack:
        daemon, reason = daemons.host(stack)
        if daemon is None:
            pytest.skip(reason)
        names = {
            Path(f"/proc/{pid}/comm").read_text().strip() for pid in daemon.pids() if Path(f"/proc/{pid}").exists()
        }
        assert "dockerd" in names
