"""What the proxy asks the daemon itself, and what it makes of the answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock.machine.guest.proxy.daemon import Daemon
from drydock.machine.guest.proxy.refusal import Refused
from drydock.machine.guest.proxy.request_scope import Container, Network
from tests.drydock.machine.guest.proxy.recording_daemon import RecordingDaemon, recording
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, OWN, OWN_EXEC, WORK

#: A step of a build by the legacy builder.
STEP = "5e" * 32


@pytest.fixture
def real(tmp_path: Path) -> Iterator[RecordingDaemon]:
    """A daemon that knows some containers."""
    with recording(tmp_path / "socket") as daemon:
        yield daemon


def test_lookups(real: RecordingDaemon) -> None:
    """By name and by short id; what isn't there is None."""
    daemon = real.asked
    assert daemon.container("mine") == daemon.container(OWN[:12]) == Container(OWN, "submission")
    assert daemon.container("kernel-1") == Container(KERNEL, "autograder")
    assert daemon.network("back") == Network("back", "bridge")
    assert daemon.exec_container(OWN_EXEC) == OWN
    assert (daemon.container("x"), daemon.network("x"), daemon.exec_container("0" * 64)) == (None, None, None)


def test_what_never_changes_is_asked_once(real: RecordingDaemon) -> None:
    """A full id of the submission's is known again without a question, a name is not."""
    daemon = real.asked
    daemon.container("mine")
    daemon.exec_container(OWN_EXEC)
    folders = daemon.work_folders(KERNEL)
    real.path.unlink()
    assert daemon.container(OWN) == Container(OWN, "submission")
    assert daemon.exec_container(OWN_EXEC) == OWN
    assert daemon.work_folders(KERNEL) == folders
    for name in ("mine", KERNEL):
        with pytest.raises(Refused, match="can't be reached"):
            daemon.container(name)


def test_work_folders_are_the_callers_volumes(real: RecordingDaemon) -> None:
    """A volume counts if the container has it under the same path as the machine."""
    assert real.asked.work_folders(KERNEL) == (WORK,)


@pytest.mark.parametrize("caller", [OWN, "0" * 64])
def test_only_the_graders_containers_may_call(real: RecordingDaemon, caller: str) -> None:
    """A container of the submission may not call, nor one that the daemon does not know."""
    with pytest.raises(Refused, match="only the notebook"):
        real.asked.work_folders(caller)


@pytest.mark.parametrize(
    "mounts",
    [
        None,
        [],
        [{"Type": "volume", "Name": "x", "Source": "/x", "Destination": "/var/run/docker.sock"}],
        [{"Type": "bind", "Source": "/x", "Destination": "/x"}],
    ],
)
def test_the_graders_label_alone_is_not_enough(real: RecordingDaemon, mounts: list[dict[str, str]] | None) -> None:
    """A step of a build has the label that a Dockerfile gives it, and a volume can be mounted at any path."""
    labels = {"io.drydock.owner": "autograder"}
    real.lookups[f"/containers/{STEP}/json"] = {"Id": STEP, "Config": {"Labels": labels}, "Mounts": mounts}
    with pytest.raises(Refused, match="only the notebook"):
        real.asked.work_folders(STEP)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 500 Oh\r\n\r\n{}", b"garbage", b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"]
)
def test_an_odd_answer_is_no_answer(tmp_path: Path, answer: bytes) -> None:
    """Neither yes nor no: the request is refused."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        thread = threading.Thread(target=_answer_once, args=[listener, answer])
        thread.start()
        with pytest.raises(Refused, match="as usual"):
            Daemon(str(tmp_path / "socket")).container("mine")
        thread.join()


def _answer_once(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)
