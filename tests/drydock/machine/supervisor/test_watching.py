"""The supervisor notices that a part of its machine has ended; no machine is booted here."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.machine.store.settings import Settings
from drydock.machine.supervisor import cpu_affinity, supervisor
from drydock.machine.supervisor.supervisor import Supervisor


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An instance folder, with the folder of sockets below the test's own."""
    monkeypatch.setattr(supervisor, "socket_folder", lambda _: _created(tmp_path / "sockets"))
    # The supervisor ends all children of its process, which here are those of other tests.
    monkeypatch.setattr(supervisor, "kill_orphans", lambda: None)
    Settings("test").write(tmp_path)
    yield tmp_path
    shutil.rmtree(tmp_path / "sockets", ignore_errors=True)


def _created(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _killed() -> int:
    return -signal.SIGKILL


def test_the_end_is_noticed_on_a_full_disk(folder: Path) -> None:
    """A machine whose kernel has ended stops also when the reason can't be written to the disk."""
    (folder / "ended.json").mkdir()  # as a full disk does, this makes writing fail

    async def main() -> None:
        machine = Supervisor(folder)
        with pytest.raises(OSError, match="directory"):
            await machine._watch("kernel process", _killed())
        assert machine.ended.is_set()
        await machine.stop()

    asyncio.run(main())


def test_what_the_supervisor_ends_has_not_ended_by_itself(folder: Path) -> None:
    """After a boot that took too long, the parts that the supervisor kills are not recorded as the reason."""

    async def main() -> None:
        machine = Supervisor(folder)
        await machine.stop()
        await machine._watch("kernel process", _killed())
        assert not machine.was_killed

    asyncio.run(main())
    assert not (folder / "ended.json").exists()


def test_a_supervisor_that_can_not_start_leaves_no_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of sockets is created last."""
    monkeypatch.setattr(cpu_affinity, "least_used", lambda: json.loads("no number"))
    with pytest.raises(ValueError, match="Expecting value"):
        Supervisor(folder)
    assert not (folder / "sockets").exists()
