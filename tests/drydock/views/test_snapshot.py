"""The daemon as plain values: what it has is in them, and what vanishes meanwhile is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import docker
import pytest
from docker.errors import ImageNotFound
from docker.models.containers import Container

from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.views import snapshot
from drydock.views.snapshot import Mount, Port, Snapshot, take
from tests.machines import BUSYBOX, MINE

pytestmark = pytest.mark.live

OURS = f"{LABEL}={MINE[LABEL]}"


@pytest.fixture
def box(client: docker.DockerClient) -> Container:
    """A container in a network of its own, with a published port, a volume and a folder of the server."""
    client.networks.create("snap-net", labels=MINE)
    client.volumes.create("snap-data", labels=MINE)
    return client.containers.run(
        BUSYBOX,
        "sleep 600",
        name="snap-box",
        labels=MINE,
        network="snap-net",
        ports={"80/tcp": ("127.0.0.1", 8099)},
        volumes={"snap-data": {"bind": "/data"}, "/etc": {"bind": "/host-etc", "mode": "ro"}},
        detach=True,
    )


def test_a_container_and_all_it_uses(client: docker.DockerClient, box: Container) -> None:
    """Its state, image, address, port and mounts are told, and so are its network, its volume and its image."""
    seen = take(client, OURS)
    (found,) = seen.containers
    assert (found.name, found.image, found.state, found.runs, found.exit_code) == (
        "snap-box",
        BUSYBOX,
        "running",
        True,
        None,
    )
    box.reload()
    assert found.addresses == {"snap-net": box.attrs["NetworkSettings"]["Networks"]["snap-net"]["IPAddress"]}
    assert found.ports == (Port(80, "tcp", "127.0.0.1", 8099),)
    assert set(found.mounts) == {
        Mount("volume", "snap-data", "/data", True),
        Mount("bind", "/etc", "/host-etc", False),
    }
    assert [image.name for image in seen.images] == [BUSYBOX]
    assert [network.name for network in seen.networks] == ["snap-net"]
    assert [(volume.name, volume.users, volume.nameless) for volume in seen.volumes] == [
        ("snap-data", ("snap-box",), False)
    ]


def test_a_stopped_container_has_an_exit_code_and_no_address(client: docker.DockerClient, box: Container) -> None:
    """A container that was killed is told with its code; it keeps its place in its network."""
    box.kill()
    box.wait()
    (found,) = take(client, OURS).containers
    assert (found.runs, found.exit_code, found.addresses, found.ports) == (False, 137, {"snap-net": ""}, ())


def test_a_label_that_nobody_carries_finds_nothing(client: docker.DockerClient, box: Container) -> None:
    """With a label only what carries it is seen; the value counts when it's given."""
    assert take(client, f"{LABEL}=nobody") == Snapshot()
    assert box.name in [one.name for one in take(client, LABEL).containers]


def test_without_a_label_everything_is_seen(client: docker.DockerClient, box: Container) -> None:
    """The daemon's own networks are there, and the lessons' images with all their layers."""
    seen = take(client)
    assert {"bridge", "host", "none", "snap-net"} <= {network.name for network in seen.networks}
    busybox = next(image for image in seen.images if BUSYBOX in image.tags)
    assert [layer.digest for layer in busybox.layers] == client.images.get(BUSYBOX).attrs["RootFS"]["Layers"]


def test_a_volume_without_a_name(client: docker.DockerClient) -> None:
    """A volume that nobody named is known as such."""
    client.containers.create(BUSYBOX, labels=MINE, volumes=["/data"])
    (volume,) = take(client, OURS).volumes
    assert volume.nameless


def test_an_image_that_is_not_there(client: docker.DockerClient) -> None:
    """Asking for one image by a wrong name is docker's own error."""
    with pytest.raises(ImageNotFound):
        snapshot.image(client, "drydock/windows:95")


@pytest.fixture
def turmoil(client: docker.DockerClient) -> Iterator[threading.Event]:
    """Somebody who makes images, containers, networks and volumes, and takes them away at once, again and again."""
    stop, turned = threading.Event(), threading.Event()

    def turn() -> None:
        while not stop.is_set():
            container = client.containers.create(BUSYBOX, labels=MINE, volumes=["/data"])
            image, network = container.commit(), client.networks.create("snap-come-and-go", labels=MINE)
            network.remove()
            container.remove(v=True)
            client.images.remove(str(image.id))
            turned.set()

    thread = threading.Thread(target=turn)
    thread.start()
    yield turned
    stop.set()
    thread.join()


def test_what_vanishes_meanwhile_is_left_out(client: docker.DockerClient, turmoil: threading.Event) -> None:
    """While things come and go, looking never fails."""
    wait_for(turmoil.is_set, "the first turn", seconds=30)
    looks = [take(client) for _ in range(40)]
    assert all(BUSYBOX in [tag for image in seen.images for tag in image.tags] for seen in looks)
