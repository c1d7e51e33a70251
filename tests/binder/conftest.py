"""The pod that Binder's tests share: its image, and one started with what Binder gives."""

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
from drydock.machine.artifacts import bundle
from drydock.machine.store import artifact_cache
from tests.architecture.tree import ROOT, files
from tests.pod.test_pod import authorities, packed

_BASE = "drydock/debian:13"
_HERE = Path(__file__).parent
#: The pod's folder: the repository, and what JupyterLab is opened on.
WORKDIR = "/home/jovyan"
#: What JupyterLab and its kernels have from binder/start.
AS_JUPYTER = ["env", "PYTHONPATH=.", f"DRYDOCK_BUNDLE={WORKDIR}/.drydock.bundle"]


@pytest.fixture(scope="module")
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, patient enough for a build."""
    with closing(host.client(timeout=1500)) as client:
        images.build(client, ["debian"])
        yield client


@pytest.fixture(scope="module")
def image(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image, by the steps that repo2docker takes and from a bundle; built unless one of the same content is there.

    (That a machine can be built by an ordinary user without any right, tests/pod/ shows.)
    """
    parts = {path.relative_to(ROOT).as_posix(): path for path in files() if "fixtures" not in path.parts}
    base = str(client.images.get(_BASE).id)
    tag = f"drydock/binder-for-tests:{artifact_cache.key([base, authorities(), *parts, *parts.values()])}"
    if client.images.list(tag):
        return tag
    for older in client.images.list(tag.partition(":")[0]):
        client.images.remove(str(older.id), force=True)
    folder = tmp_path_factory.mktemp("bundle")
    bundle.export(folder / "machine.bundle")
    contents: list[tuple[str, Path | bytes]] = [("Dockerfile", _HERE / "Dockerfile"), *parts.items()]
    contents.append(("authorities.pem", authorities()))
    began = time.monotonic()
    with served(client, folder) as address:
        build(client, tag, packed(contents), {"BASE": _BASE, "DRYDOCK_BUNDLE": f"{address}/machine.bundle"})
    print(f"building {tag} took {time.monotonic() - began:.0f} s")
    return tag


@contextmanager
def served(client: docker.DockerClient, folder: Path) -> Iterator[str]:
    """The files of a folder, on the web as containers see it."""
    gateway = client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer((gateway, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{gateway}:{server.server_port}"
        server.shutdown()


def build(client: docker.DockerClient, tag: str, context: bytes, arguments: dict[str, str]) -> None:
    """Have the daemon build an image; what it said last is told when it can't."""
    said = []
    options: dict[str, Any] = {"custom_context": True, "buildargs": arguments, "labels": {LABEL: "tests"}}
    for line in client.api.build(fileobj=io.BytesIO(context), tag=tag, rm=True, forcerm=True, decode=True, **options):
        said.append(line.get("stream", line.get("error", "")))
        assert "error" not in line, "".join(said[-80:])


@pytest.fixture
def pod(client: docker.DockerClient, image: str) -> Iterator[tuple[Container, float]]:
    """The pod, started with what Binder gives one and without any network, and the time it was started at."""
    with started(client, image) as pod:
        yield pod


@contextmanager
def started(
    client: docker.DockerClient, image: str, network: str = "none", command: list[str] | None = None
) -> Iterator[tuple[Container, float]]:
    """The pod, and the time it was started at; in the end, what it said last is told."""
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
        began = time.time()
        container.start()
        yield container, began
    finally:
        print(container.logs(tail=20).decode(errors="replace"))
        container.remove(force=True, v=True)


def run(container: Container, words: list[str]) -> tuple[int, str]:
    """Run a command in the pod; its exit code and what it said."""
    done: Any = container.exec_run(words)
    return done.exit_code, done.output.decode(errors="replace")
