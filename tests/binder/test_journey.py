"""A student's work and its grading, with the student in a pod as on Binder."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import docker
import pytest
from docker.models.containers import Container
from playwright.sync_api import Page

from drydock import lab
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from tests.binder.conftest import WORKDIR, run, started
from tests.course.browsing import page
from tests.course.journey import MARKS, teaching, walk
from tests.serving import answers

__all__ = ["page"]

pytestmark = [*MARKS, pytest.mark.timeout(2400)]


@dataclass(frozen=True)
class File:
    """A file in the pod."""

    pod: Container
    path: str

    def read_text(self) -> str:
        """Return the content."""
        return run(self.pod, ["cat", self.path])[1]


@dataclass(frozen=True)
class PodFolder:
    """The pod's home folder, and the address of its JupyterLab."""

    pod: Container
    address: str
    home: str = WORKDIR

    @property
    def first(self) -> str:
        """Return the address that links to Binder lead to."""
        return self.address.replace("/?", f"/lab/tree/{lab.FIRST}?")

    def file(self, path: str) -> File:
        """Return a file in it."""
        return File(self.pod, f"{self.home}/{path}")

    def bring(self, folder: str, pattern: str, into: Path) -> None:
        """Copy files from a folder in the pod to a folder here, as a download does."""
        packed, _ = self.pod.get_archive(f"{self.home}/{folder}")
        with tarfile.open(fileobj=io.BytesIO(b"".join(packed))) as tar:
            for member in tar:
                name = PurePosixPath(member.name).name
                if fnmatch(name, pattern) and (content := tar.extractfile(member)):
                    (into / name).write_bytes(content.read())


@contextmanager
def network(client: docker.DockerClient) -> Iterator[str]:
    """Create a network that reaches only this computer, where the browser is; yield its name."""
    created = client.networks.create(f"pod-{secrets.token_hex(4)}", internal=True, labels={LABEL: "tests"})
    try:
        yield str(created.name)
    finally:
        created.remove()


def test_from_the_first_page_to_the_score(client: docker.DockerClient, image: str, page: Page, tmp_path: Path) -> None:
    """A student starts at the course's page in the pod and gets ten points."""
    token = secrets.token_hex(8)
    words = ["jupyter", "lab", "--no-browser", "--ip=0.0.0.0", "--port=8888", f"--IdentityProvider.token={token}"]
    with network(client) as name, started(client, image, name, words) as (pod, _):
        pod.reload()
        address = f"http://{pod.attrs['NetworkSettings']['Networks'][name]['IPAddress']}:8888/"
        wait_for(lambda: answers(f"{address}api"), "JupyterLab", seconds=120, every=0.3)
        assert walk(page, PodFolder(pod, f"{address}?token={token}"), teaching(tmp_path / "teacher")) == 10
