"""Many computers that grade: a real scheduler and real workers, each a process of this one."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, Security

from autograder.errors import NoCluster, OtherVersion
from autograder.gradebook.course import Course
from autograder.gradebook.recorder import Recorder
from autograder.gradebook.scores import scores
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling import dask_executor as module
from autograder.scheduling.dask_executor import DaskExecutor
from autograder.scheduling.executor import grade
from autograder.submission import Submission
from drydock.core.waiting import wait_for
from tests.autograder import sandboxes
from tests.autograder.clusters import Dask, certificates, cluster
from tests.autograder.conftest import ROOT, expected, load_assignment, notebook_named, notebook_of

BOOT_FAILS = GradingConfig(f"{sandboxes.HERE}.BootFails")
CLASS = [Submission(f"student-{number}", "service", b"no notebook") for number in range(8)]


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that does not answer now never will."""
    monkeypatch.setattr(module, "_PATIENCE", 3)


@pytest.mark.slow
def test_a_class_is_graded_over_tls(tmp_path: Path) -> None:
    """Each once, by workers that share no folder with anybody."""
    with cluster(tmp_path, 2, tls=True) as dask:
        assert dask.address.startswith("tls://")
        with DaskExecutor(dask.address, BOOT_FAILS, tmp_path / "tls") as executor:
            verdicts = list(grade(CLASS, executor))
    assert sorted(verdict.student for verdict in verdicts) == [work.student for work in CLASS]
    assert {verdict.state for verdict in verdicts} == {"unreadable"}


@pytest.mark.slow
@pytest.mark.usefixtures("hurry")
def test_a_stranger_is_not_let_in(tmp_path: Path) -> None:
    """Whose certificate another authority signed, or who has none."""
    strange = certificates(tmp_path / "strange")
    with cluster(tmp_path, 0, tls=True) as dask:
        for theirs in (strange, None):
            with pytest.raises(NoCluster) as refused, DaskExecutor(dask.address, BOOT_FAILS, theirs):
                pass
            assert "it has no workers" not in str(refused.value)  # which an honest client reads here


@pytest.mark.slow
@pytest.mark.usefixtures("hurry")
def test_a_scheduler_that_does_not_answer_is_told() -> None:
    """Nobody there, somebody who says nothing, and what is no address."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for address in (f"tcp://127.0.0.1:{port}", "tcp://127.0.0.1:1", "fax://office", "tcp://127.0.0.1:many"):
            began = time.monotonic()
            with pytest.raises(NoCluster, match=address.split("//")[1]), DaskExecutor(address, BOOT_FAILS):
                pass
            assert time.monotonic() - began < 60


@pytest.mark.slow
@pytest.mark.usefixtures("hurry")
def test_a_scheduler_without_workers_is_told(tmp_path: Path) -> None:
    """It would wait for ever."""
    with (
        cluster(tmp_path, 0) as dask,
        pytest.raises(NoCluster, match="no workers"),
        DaskExecutor(dask.address, BOOT_FAILS),
    ):
        pass


@pytest.mark.slow
@pytest.mark.usefixtures("hurry")
def test_a_scheduler_that_goes_away_ends_the_run(tmp_path: Path) -> None:
    """With a message, not with a wait."""
    with cluster(tmp_path, 1) as dask, DaskExecutor(dask.address, BOOT_FAILS) as executor:
        running = grade(CLASS, executor)
        assert next(running).state == "unreadable"
        assert dask.scheduler is not None
        dask.kill(dask.scheduler)
        with pytest.raises(NoCluster, match="went away"):
            list(running)


def test_trouble_on_a_worker_is_the_graders_fault(tmp_path: Path) -> None:
    """It comes back as any verdict does."""
    with cluster(tmp_path, 1) as dask, DaskExecutor(dask.address, BOOT_FAILS) as executor:
        [verdict] = grade([Submission("ada", "service", notebook_of("1"))], executor)
    assert verdict.state == "infra-error"
    assert "no memory left" in verdict.diagnostics


@pytest.mark.slow
def test_a_worker_that_comes_late_is_given_work(tmp_path: Path) -> None:
    """And for as long as there is none, the class waits."""
    with cluster(tmp_path, 1) as dask, DaskExecutor(dask.address, BOOT_FAILS) as executor:
        dask.kill(dask.workers[0])
        wait_for(lambda: executor.size() == 0, "the scheduler to notice", seconds=60)
        dask.hire()
        assert len(list(grade(CLASS, executor))) == len(CLASS)


def checkout(folder: Path) -> Path:
    """A copy of the packages, without any course."""
    for part in ("autograder", "drydock", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_worker_needs_no_copy_of_the_course(tmp_path: Path) -> None:
    """The assignment comes with the work, its helpers too."""
    work = Submission("ada", "production", b"no notebook")
    with cluster(tmp_path, 0) as dask:
        dask.hire(root=checkout(tmp_path / "other"))
        with DaskExecutor(dask.address, BOOT_FAILS) as executor:
            [verdict] = grade([work], executor)
    assert [result.id for result in verdict.checks] == [check.id for check in load_assignment("production").checks]


def test_a_worker_with_another_version_is_refused(tmp_path: Path) -> None:
    """Its scores might be others."""
    other = checkout(tmp_path / "other")
    with (other / "autograder" / "probes" / "logs.py").open("a") as file:
        file.write("\n# kinder\n")
    with cluster(tmp_path, 0) as dask:
        dask.hire(root=other)
        with DaskExecutor(dask.address, BOOT_FAILS) as executor, pytest.raises(OtherVersion):
            list(grade(CLASS, executor))


STORIES = ["perfect", "no-limit", "silent", "perfect-busybox", "cheat-swallow", "wrong-name"]


@contextmanager
def observer(dask: Dask, certificates: Path) -> Iterator[Any]:
    """A client of the scheduler that submits nothing."""
    names = {"tls_ca_file": "ca.pem", "tls_client_cert": "cert.pem", "tls_client_key": "key.pem"}
    paths = {option: str(certificates / name) for option, name in names.items()}
    security = Security(**paths, require_encryption=True)  # type: ignore[no-untyped-call]
    with Client(dask.address, security=security, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        yield client


def kill_one_at_work(dask: Dask, client: Any) -> bool:
    """Kill a worker whose submission has a machine, and wait until another has it; False if there is none so far."""
    processes = client.run(os.getpid)
    at_work = {address: tasks[0] for address, tasks in client.processing().items() if tasks}
    for address, task in at_work.items():
        if any(children(process) for process in children(processes[address])):
            dask.kill(next(worker for worker in dask.workers if worker.pid == processes[address]))
            wait_for(partial(works_on, client, set(processes) - {address}, task), "another worker", seconds=120)
            return True
    return False


def works_on(client: Any, workers: set[str], task: str) -> bool:
    """Whether one of these workers has a task."""
    processing = client.processing()
    return any(task in processing.get(worker, ()) for worker in workers)


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in lists for child in file.read_text().split()]


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_killed_worker_changes_no_mark(released: Course, tmp_path: Path) -> None:
    """A worker is killed outright while it grades: another grades its student, once, with the score of a local run."""
    work = [Submission(name, "service", notebook_named(name)) for name in STORIES]
    killed: list[bool] = []
    place = tmp_path / "dask"
    place.mkdir()
    with (
        cluster(place, 3, tls=True) as dask,
        DaskExecutor(dask.address, certificates=place / "tls") as executor,
        observer(dask, place / "tls") as client,
    ):

        def between() -> None:
            if not any(killed):
                killed.append(kill_one_at_work(dask, client))

        states = [verdict.student for verdict in Recorder(released, executor).grade(work, between=between)]
    assert killed[-1]
    assert sorted(states) == sorted(STORIES)
    with released.gradebook() as book:
        for name in STORIES:
            passed = {check for check, state in expected(name)["checks"].items() if state == "passed"}
            marks = scores(book, load_assignment(), name)
            assert (name, {check for check, points in marks.items() if points}) == (name, passed)
