"""drydock/registry: what is pushed to it comes back, from those who may."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import docker
import pytest
from docker.models.containers import Container
from docker.models.images import Image

from tests.images.reach import port_of, status, told

pytestmark = pytest.mark.host

TAG = "drydock/registry:2"
BUSYBOX = "drydock/busybox:1.37"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
ON_LOOPBACK = {"5000/tcp": ("127.0.0.1", None)}
ASKS_WHO = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "the harbour",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/users",
}


@pytest.fixture
def registry(volume: str, start: Callable[..., Container]) -> Container:
    """A registry that anybody on this computer may use, its data in a volume."""
    registry = start(TAG, ports=ON_LOOPBACK, volumes={volume: {"bind": "/var/lib/registry"}})
    assert status(f"http://127.0.0.1:{port_of(registry, 5000)}/v2/") == 200
    return registry


@pytest.fixture
def pushed(client: docker.DockerClient, registry: Container) -> Iterator[Image]:
    """Busybox, pushed under a name at the registry and known to this daemon by no other name than its own."""
    name = f"127.0.0.1:{port_of(registry, 5000)}/tools/box"
    client.images.get(BUSYBOX).tag(name, "1")
    said = client.images.push(name, "1")
    assert '"errorDetail"' not in said
    client.images.remove(f"{name}:1")
    pulled = client.images.pull(name, tag="1")
    yield pulled
    client.images.remove(f"{name}:1")


def test_what_is_pushed_can_be_pulled(client: docker.DockerClient, pushed: Image) -> None:
    """An image goes there and comes back the same."""
    assert pushed.id == client.images.get(BUSYBOX).id


def test_an_image_can_be_deleted(pushed: Image, registry: Container) -> None:
    """A manifest goes when asked to, and its blobs with the garbage."""
    repository, digest = pushed.attrs["RepoDigests"][-1].split("@")
    address, _, name = repository.partition("/")
    url = f"http://{address}/v2/{name}/manifests/{digest}"
    assert status(url, accept=MANIFEST) == 200
    assert status(url, method="DELETE") == 202
    assert status(url, accept=MANIFEST) == 404
    code, said = told(registry, "registry", "garbage-collect", "/etc/docker/registry/config.yml")
    assert (code, "blob eligible for deletion" in said) == (0, True)


def test_users_of_a_file_are_let_in(run: Callable[..., str], start: Callable[..., Container]) -> None:
    """The variables of `registry:2` switch passwords on, and the image can make the file they need."""
    line = run(TAG, "-Bbn", "ada", "engine", entrypoint="htpasswd")
    registry = start(TAG, ports=ON_LOOPBACK, environment=ASKS_WHO, files={"/users": line.encode()})
    address = f"http://127.0.0.1:{port_of(registry, 5000)}/v2/"
    assert status(address) == 401
    assert status(address, user="ada:loom") == 401
    assert status(address, user="ada:engine") == 200


def test_it_stops_when_told(registry: Container) -> None:
    """Its first process is the registry itself, so the signal to stop reaches it."""
    registry.stop(timeout=20)
    registry.reload()
    assert registry.attrs["State"]["ExitCode"] != 137


def test_dpkg_is_content(run: Callable[..., str]) -> None:
    """Its packages are set up like those below."""
    assert run(TAG, "--audit", entrypoint="dpkg") == ""


def test_size(megabytes: Callable[[str], float]) -> None:
    """It stays under 105 MB, Debian's 76 included."""
    assert megabytes(TAG) < 105
