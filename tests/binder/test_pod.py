"""A pod as on Binder: from building its image to the first output of a lesson, with figures.

It differs from mybinder.org in three ways. No image can be pulled, so our Debian 13 with Debian's Python 3.13 takes the
place of Ubuntu 24.04 with conda's 3.12, without the compilers of buildpack-deps. There is no proxy before JupyterLab.
The pod has no network at all, where Binder leaves a few ports open.
"""

from __future__ import annotations

import json
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests.binder.conftest import AS_JUPYTER, WORKDIR, run

pytestmark = [pytest.mark.host, pytest.mark.live, pytest.mark.nightly, pytest.mark.timeout(2400)]

#: The most seconds from the pod's start that a student should wait; the first cell needs JupyterLab and Docker.
GOALS = {"lab": 30, "docker": 60, "cell": 60}


def test_the_image_is_small_enough(client: docker.DockerClient, image: str) -> None:
    """The image has less than 2.5 GB, and no layer more than 1 GB: mybinder's registry fails on larger ones."""
    layers = [layer for layer in history(client, image) if layer["Size"]]
    for layer in reversed(layers):
        print(f"{layer['Size'] / 1e6:8.0f} MB  {' '.join(layer['CreatedBy'].split())[:100]}")
    print(f"{sum(layer['Size'] for layer in layers) / 1e6:8.0f} MB  in total")
    assert sum(layer["Size"] for layer in layers) < 2.5e9
    assert max(layer["Size"] for layer in layers) < 1e9


def test_from_a_click_to_the_first_output(pod: tuple[Container, float]) -> None:
    """JupyterLab and Docker answer in time, and the first cell of the first lesson shows the machine as its engine."""
    container, start_time = pod
    code, output = run(container, [*AS_JUPYTER, "python", "tests/binder/measure.py", str(start_time)])
    assert code == 0, output + run(container, ["cat", f"{WORKDIR}/.drydock.log"])[1]
    figures = json.loads(output.strip().splitlines()[-1])
    print(f"seconds after the pod's start: { {name: figures[name] for name in GOALS} }")
    assert "in the Drydock machine" in figures["output"]
    assert {name: figures[name] for name in GOALS if figures[name] > GOALS[name]} == {}


def test_docker_works_in_a_terminal(pod: tuple[Container, float]) -> None:
    """A terminal waits for the machine, and then has the docker command with compose and buildx."""
    container, _ = pod
    for line in ("docker run --rm drydock/busybox:1.37 echo hello", "docker compose version", "docker buildx version"):
        code, output = run(container, ["bash", "-lc", line])
        assert code == 0, output
    _, output = run(container, ["bash", "-lc", "cd work/service && drydock submit service --student ada"])
    assert "contains your work" in output


def history(client: docker.DockerClient, image: str) -> list[dict[str, Any]]:
    """Return the layers of an image, the topmost first."""
    api: Any = client.api
    layers: list[dict[str, Any]] = api.history(image)
    return layers
