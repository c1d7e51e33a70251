"""A pod as Binder makes it, from the image's first step to a lesson's first output, with its figures.

What differs from mybinder.org: no image can be pulled, so our Debian 13 with Debian's Python 3.13 stands in for Ubuntu
24.04 with conda's 3.12 (and lacks the compilers that buildpack-deps brings); no proxy stands before JupyterLab; and the
pod has no network at all, where Binder leaves a few ports open.
"""

from __future__ import annotations

import json
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests.binder.conftest import AS_JUPYTER, WORKDIR, run

pytestmark = [pytest.mark.host, pytest.mark.live, pytest.mark.nightly, pytest.mark.timeout(2400)]

#: Seconds from the pod's start that students should wait at most; the first cell needs the other two.
GOALS = {"lab": 30, "docker": 60, "cell": 60}


def test_the_image_is_small_enough(client: docker.DockerClient, image: str) -> None:
    """Under 2.5 GB in all, and no layer above 1 GB, where mybinder's registry has been seen to fail."""
    layers = [layer for layer in history(client, image) if layer["Size"]]
    for layer in reversed(layers):
        print(f"{layer['Size'] / 1e6:8.0f} MB  {' '.join(layer['CreatedBy'].split())[:100]}")
    print(f"{sum(layer['Size'] for layer in layers) / 1e6:8.0f} MB  in all")
    assert sum(layer["Size"] for layer in layers) < 2.5e9
    assert max(layer["Size"] for layer in layers) < 1e9


def test_from_a_click_to_the_first_output(pod: tuple[Container, float]) -> None:
    """JupyterLab answers, Docker answers, and the first cell of the first lesson says which one it found."""
    container, began = pod
    code, said = run(container, [*AS_JUPYTER, "python", "tests/binder/measure.py", str(began)])
    assert code == 0, said + run(container, ["cat", f"{WORKDIR}/.drydock.log"])[1]
    figures = json.loads(said.strip().splitlines()[-1])
    print(f"after the pod's start, seconds: { {name: figures[name] for name in GOALS} }")
    assert "in the machine" in figures["said"]
    assert {name: figures[name] for name in GOALS if figures[name] > GOALS[name]} == {}


def test_docker_just_works_in_a_terminal(pod: tuple[Container, float]) -> None:
    """A terminal waits for the machine and then has the docker command, with compose and buildx."""
    container, _ = pod
    for line in ("docker run --rm drydock/busybox:1.37 echo hello", "docker compose version", "docker buildx version"):
        code, said = run(container, ["bash", "-lc", line])
        assert code == 0, said
    _, said = run(container, ["bash", "-lc", "cd work/service && drydock submit service --student ada"])
    assert "contains your work" in said


def history(client: docker.DockerClient, image: str) -> list[dict[str, Any]]:
    """The layers of an image, the last first."""
    api: Any = client.api
    layers: list[dict[str, Any]] = api.history(image)
    return layers
