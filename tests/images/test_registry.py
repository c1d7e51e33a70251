"""drydock/registry: push, pull, deletion, and password authentication."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import docker
import pytest
from docker.models.containers import Container
from docker.models.images import Image

from tests.images.reach import execute, port_of, status

pytestmark = pytest.mark.host

TAG = "drydock/registry:2"
BUSYBOX = "drydock/busybox:1.37"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
ON_LOOPBACK = {"5000/tcp": ("127.0.0.1", None)}
WITH_PASSWORDS = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "the harbour",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/users",
}


@pytest.fixture
def registry(volume: str, start: Callable[..., Container]) -> Container:
    """A registry without authentication, on 127.0.0.1, with its data in a volume."""
    registry = start(TAG, ports=ON_LOOPBACK, volumes={volume: {"bind": "/var/lib/registry"}})
    assert status(f"http://127.0.0.1:{port_of(registry, 5000)}/v2/") == 200
    return registry


@pytest.fixture
def pushed(client: docker.DockerClient, registry: Container) -> Iterator[Image]:
    """Busybox, pushed to the registry, untagged, and pulled again."""
    name = f"127.0.0.1:{port_of(registry, 5000)}/tools/box"
    client.images.get(BUSYBOX).tag(name, "1")
    output = client.images.push(name, "1")
    assert '"errorDetail"' not in output
    client.images.remove(f"{name}:1")
    pulled = client.images.pull(name, tag="1")
    yield pulled
    client.images.remove(f"{name}:1")


def test_what_is_pushed_can_be_pulled(client: docker.DockerClient, pushed: Image) -> None:
    """A pulled image has the id of the pushed one."""
    assert pushed.id == client.images.get(BUSYBOX).id


def test_an_image_can_be_deleted(pushed: Image, registry: Container) -> None:
    """The API deletes a manifest, and the garbage collection its blobs."""
    repository, digest = pushed.attrs["RepoDigests"][-1].split("@")
    address, _, name = repository.partition("/")
    url = f"http://{address}/v2/{name}/manifests/{digest}"
    assert status(url, accept=MANIFEST) == 200
    assert status(url, method="DELETE") == 202
    assert status(url, accept=MANIFEST) == 404
    code, output = execute(registry, "registry", "garbage-collect", "/etc/docker/registry/config.yml")
    assert (code, "blob eligible for deletion" in output) == (0, True)


def test_password_authentication(run: Callable[..., str], start: Callable[..., Container]) -> None:
    """The variables of `registry:2` turn on authentication, and the image has htpasswd for the password file."""
    line = run(TAG, "-Bbn", "ada", "engine", entrypoint="htpasswd")
    registry = start(TAG, ports=ON_LOOPBACK, environment=WITH_PASSWORDS, files={"/users": line.encode()})
    address = f"http://127.0.0.1:{port_of(registry, 5000)}/v2/"
    assert status(address) == 401
    assert status(address, user="ada:loom") == 401
    assert status(address, user="ada:engine") == 200


def test_docker_stop_shuts_it_down(registry: Container) -> None:
    """The registry is process 1, so `docker stop` reaches it before the timeout kills it."""
    registry.stop(timeout=20)
    registry.reload()
    assert registry.attrs["State"]["ExitCode"] != 137


def test_packages_are_configured(run: Callable[..., str]) -> None:
    """dpkg finds its packages configured, like those of the parent image."""
    assert run(TAG, "--audit", entrypoint="dpkg") == ""


def test_size(megabytes: Callable[[str], float]) -> None:
    """The image is smaller than 105 MB, of which Debian's image has 76."""
    assert megabytes(TAG) < 105
