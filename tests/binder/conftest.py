"""The image and the pod of Binder's tests, with the resources that Binder gives a pod."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from drydock import images
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.machine.store import artifact_cache
from tests.architecture.tree import ROOT, files
from tests.machine_bundle import bundle_file
from tests.pod.test_pod import authorities, packed

_BASE = "drydock/debian:13"
_HERE = Path(__file__).parent
#: The pod's home folder: it has the repository, and JupyterLab is opened on it.
WORKDIR = "/home/jovyan"
#: Environment variables that JupyterLab and its kernels get from binder/start.
AS_JUPYTER = ["env", "PYTHONPATH=.", f"DRYDOCK_BUNDLE={WORKDIR}/.drydock.bundle"]


@pytest.fixture(scope="module")
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, with a timeout that is long enough for a build."""
    with closing(host.client(timeout=1500)) as client:
        images.build(client, ["debian"])
        yield client


@pytest.fixture(scope="module")
def image(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image, made by repo2docker's steps and from a bundle; built unless an image of the same content exists.

    (tests/pod/ shows that an ordinary user can build a machine.)
    """
    parts = {path.relative_to(ROOT).as_posix(): path for path in files() if "fixtures" not in path.parts}
    base = str(client.images.get(_BASE).id)
    tag = f"drydock/binder-for-tests:{artifact_cache.key([base, authorities(), *parts, *parts.values()])}"
    if client.images.list(tag):
        return tag
    for older in client.images.list(tag.partition(":")[0]):
        client.images.remove(str(older.id), force=True)
    folder = bundle_file().parent
    contents: list[tuple[str, Path | bytes]] = [("Dockerfile", _HERE / "Dockerfile"), *parts.items()]
    contents.append(("authorities.pem", authorities()))
    started = time.monotonic()
    with served(client, folder) as address:
        build(client, tag, packed(contents), {"BASE": _BASE, "DRYDOCK_BUNDLE": f"{address}/machine.bundle"})
    print(f"building {tag} took {time.monotonic() - started:.0f} s")
    return tag


@contextmanager
def served(client: docker.DockerClient, folder: Path) -> Iterator[str]:
    """Serve the files of a folder over HTTP to the daemon's containers, and yield the address."""
    gateway = client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer((gateway, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{gateway}:{server.server_port}"
        server.shutdown()


def build(client: docker.DockerClient, tag: str, context: bytes, arguments: dict[str, str]) -> None:
    """Build an image; a failure comes with the last lines of the build's output."""
    output = []
    options: dict[str, Any] = {"custom_context": True, "buildargs": arguments, "labels": {LABEL: "tests"}}
    for line in client.api.build(fileobj=io.BytesIO(context), tag=tag, rm=True, forcerm=True, decode=True, **options):
        output.append(line.get("stream", line.get("error", "")))
        assert "error" not in line, "".join(output[-80:])


@pytest.fixture
def pod(client: docker.DockerClient, image: str) -> Iterator[tuple[Container, float]]:
    """A running pod with Binder's resources and without any network, and the time of its start."""
    with started(client, image) as pod:
        yield pod


@contextmanager
def started(
    client: docker.DockerClient, image: str, network: str = "none", command: list[str] | None = None
) -> Iterator[tuple[Container, float]]:
    """Start a pod and yield it with the time of its start; at the end, print its last output and remove it."""
    container = client.containers.create(
        image,
        command,
        labels={LABEL: "tests"},
        user="1000:100",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit="2g",
        nano_cpus=10**9,
        shm_size="64m",
        network_mode=network,
    )
    try:
        start_time = time.time()
        container.start()
        yield container, start_time
    finally:
        print(container.logs(tail=20).decode(errors="replace"))
        container.remove(force=True, v=True)


def run(container: Container, words: list[str]) -> tuple[int, str]:
    """Run a command in the pod, and return its exit code and its output."""
    result: Any = container.exec_run(words)
    return result.exit_code, result.output.decode(errors="replace")
