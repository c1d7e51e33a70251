"""The container a notebook runs in."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import closing

import pytest
from docker import DockerClient

from autograder.execution import kernel_container
from autograder.execution.kernel_container import Limits, RunResult
from autograder.sandbox.machine_sandbox import MachineSandbox
from tests.autograder.conftest import notebook_of

pytestmark = [pytest.mark.live, pytest.mark.isolation, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def client() -> Iterator[DockerClient]:
    """A client of one machine for all tests."""
    with MachineSandbox() as sandbox, closing(sandbox.client()) as opened:
        yield opened


def ran(client: DockerClient, *sources: str, limits: Limits = kernel_container.DEFAULT) -> RunResult:
    """What becomes of a notebook with these cells."""
    return kernel_container.run(client, "a.ipynb", {"a.ipynb": notebook_of(*sources)}, "a-token", limits)


@pytest.fixture(autouse=True)
def nothing_stays(client: DockerClient) -> Iterator[None]:
    """Neither the container nor its volume outlives a run, however it ended."""
    yield
    assert client.containers.list(all=True) == []
    assert client.volumes.list() == []


def test_a_cell_uses_the_machines_docker(client: DockerClient) -> None:
    """It has the token, the daemon, and the folder it stands in as a path that the daemon knows, too."""
    mount = "volumes=[f'{os.getcwd()}:/here']"
    look = f"c.containers.run('drydock/busybox:1.37', 'ls /here', remove=True, {mount})"
    done = ran(client, "import docker, os; c = docker.from_env()", f"print({look}, os.environ['DRYDOCK_TOKEN'])")
    assert (done.in_time, done.exit_code, done.status["state"]) == (True, 0, "finished")
    assert b"a.ipynb" in done.notebook
    assert b"a-token" in done.notebook


def test_a_notebook_that_does_not_end_is_stopped(client: DockerClient) -> None:
    """What ran before is there to be shown."""
    done = ran(client, "print('before')", "import time; time.sleep(3600)", limits=Limits(total_seconds=30))
    assert not done.in_time
    assert b'"before\\n"' in done.notebook


@pytest.mark.nightly
def test_a_kernel_can_not_remove_its_own_container(client: DockerClient) -> None:
    """The notebook can't remove the grader's container; it gets the reason and continues."""
    removal = "c.containers.list(filters={'label': 'io.drydock.owner'})[0].remove(force=True)"
    done = ran(client, f"import docker; c = docker.from_env(); {removal}")
    assert b"does not belong to the submission" in done.notebook
    assert done.status["state"] == "finished"


@pytest.mark.parametrize(
    "trick",
    [
        "os.remove('/out/notebook.ipynb'); os.symlink('/etc/hostname', '/out/notebook.ipynb')",
        "shutil.rmtree('/out', ignore_errors=True); open('/out/status.json', 'w').close()",
        "shutil.rmtree('/out', ignore_errors=True); os.rename('/out', '/tmp/out'); open('/out', 'w').close()",
    ],
    ids=["a link", "a status of nothing", "a file in place of the folder"],
)
def test_what_is_no_result_is_none(client: DockerClient, trick: str) -> None:
    """A notebook that puts something else in the place of its result has none, and nothing breaks for it."""
    kill = "os.kill(os.getppid(), signal.SIGKILL)"
    done = ran(client, f"import os, shutil, signal\ntry:\n    {trick}\nfinally:\n    {kill}")
    assert (done.notebook, done.status.get("state")) == (b"", None)


def test_the_folder_is_taken_as_it_was_left(client: DockerClient) -> None:
    """With what the notebook wrote, in a folder of its own or hidden, and with the modes of its files."""
    done = ran(client, "import os; os.makedirs('app'); open('app/run.sh', 'w').close(); os.chmod('app/run.sh', 0o755)")
    with tarfile.open(fileobj=io.BytesIO(done.folder)) as archive:
        modes = {entry.name.removeprefix("./"): entry.mode for entry in archive if entry.isreg()}
    assert modes["app/run.sh"] == 0o755
    assert "a.ipynb" in modes


def test_a_folder_that_is_too_large_is_not_taken(client: DockerClient) -> None:
    """The run itself is worth as much as it was."""
    done = ran(client, "open('huge', 'wb').write(bytes(60 << 20))")
    assert (done.folder, done.status["state"]) == (b"", "finished")


@pytest.mark.nightly
def test_what_is_mounted_stays(client: DockerClient) -> None:
    """A container that the notebook leaves keeps its files of the folder, also when it is started again."""
    run = "docker run --detach --name reader --volume $PWD/page.txt:/page.txt drydock/busybox:1.37 cat /page.txt"
    ran(client, "open('page.txt', 'w').write('still here')", f"!{run}")
    reader = client.containers.get("reader")
    try:
        reader.start()
        assert reader.wait()["StatusCode"] == 0
        assert reader.logs() == b"still here" * 2
    finally:
        reader.remove(force=True)
        for volume in client.volumes.list():
            volume.remove()
