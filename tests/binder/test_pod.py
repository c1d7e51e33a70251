"""A pod as Binder makes it, from the image's first step to a lesson's first output, with its figures.

What differs from mybinder.org: no image can be pulled, so our Debian 13 with Debian's Python 3.13 stands in for Ubuntu
24.04 with conda's 3.12 (and lacks the compilers that buildpack-deps brings); no proxy stands before JupyterLab; and the
pod has no network at all, where Binder leaves a few ports open.
"""

from __future__ import annotations

import io
import json
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
from drydock.endpoint import Endpoint
from drydock.machine import bundle, cache
from drydock.paths import LABEL
from tests.habits.tree import ROOT, files
from tests.pod.test_pod import authorities, packed

_BASE = "drydock/debian:13"
_HERE = Path(__file__).parent
#: What JupyterLab and its kernels have from binder/start.
_AS_JUPYTER = ["env", "PYTHONPATH=.", "DRYDOCK_BUNDLE=/home/jovyan/.drydock.bundle"]
#: Seconds from the pod's start that students should wait at most; the first cell needs the other two.
GOALS = {"lab": 30, "docker": 60, "cell": 60}


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
    parts = {path.relative_to(ROOT).as_posix(): path for path in files() if "submissions" not in path.parts}
    base = str(client.images.get(_BASE).id)
    tag = f"drydock/binder-for-tests:{cache.key([base, authorities(), *parts, *parts.values()])}"
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
    """The pod, started with what Binder gives one, and the time it was started at."""
    container = client.containers.create(
        image,
        labels={LABEL: "tests"},
        user="1000:100",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit="2g",
        nano_cpus=10**9,
        shm_size="64m",
        network_mode="none",
    )
    try:
        began = time.time()
        container.start()
        yield container, began
    finally:
        print(container.logs(tail=20).decode(errors="replace"))
        container.remove(force=True, v=True)


@pytest.mark.host
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(2400)
def test_the_image_is_small_enough(client: docker.DockerClient, image: str) -> None:
    """Under 2.5 GB in all, and no layer above 1 GB, where mybinder's registry has been seen to fail."""
    layers = [layer for layer in history(client, image) if layer["Size"]]
    for layer in reversed(layers):
        print(f"{layer['Size'] / 1e6:8.0f} MB  {' '.join(layer['CreatedBy'].split())[:100]}")
    print(f"{sum(layer['Size'] for layer in layers) / 1e6:8.0f} MB  in all")
    assert sum(layer["Size"] for layer in layers) < 2.5e9
    assert max(layer["Size"] for layer in layers) < 1e9


@pytest.mark.host
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(2400)
def test_from_a_click_to_the_first_output(pod: tuple[Container, float]) -> None:
    """JupyterLab answers, Docker answers, and the first cell of the first lesson says which one it found."""
    container, began = pod
    code, said = run(container, [*_AS_JUPYTER, "python", "tests/binder/measure.py", str(began)])
    assert code == 0, said + run(container, ["cat", "/home/jovyan/.drydock.log"])[1]
    figures = json.loads(said.strip().splitlines()[-1])
    print(f"after the pod's start, seconds: { {name: figures[name] for name in GOALS} }")
    assert "in the machine" in figures["said"]
    assert {name: figures[name] for name in GOALS if figures[name] > GOALS[name]} == {}


@pytest.mark.host
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(2400)
def test_docker_just_works_in_a_terminal(pod: tuple[Container, float]) -> None:
    """A terminal waits for the machine and then has the docker command, with compose and buildx."""
    container, _ = pod
    for line in ("docker run --rm drydock/busybox:1.37 echo hello", "docker compose version", "docker buildx version"):
        code, said = run(container, ["bash", "-lc", line])
        assert code == 0, said
    _, said = run(container, ["bash", "-lc", "cd work/service && drydock submit service --student ada"])
    assert "holds your work" in said


def run(container: Container, words: list[str]) -> tuple[int, str]:
    """Run a command in the pod; its exit code and what it said."""
    done: Any = container.exec_run(words)
    return done.exit_code, done.output.decode(errors="replace")


def history(client: docker.DockerClient, image: str) -> list[dict[str, Any]]:
    """The layers of an image, the last first."""
    api: Any = client.api
    layers: list[dict[str, Any]] = api.history(image)
    return layers
