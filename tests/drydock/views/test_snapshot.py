"""A snapshot has a daemon's objects, and none that are removed meanwhile."""

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
from drydock.views.snapshot import Mount, Port, Snapshot, take_snapshot
from tests.drydock.views.parts import TEST_LABEL
from tests.machines import BUSYBOX, MINE


@pytest.fixture
def box(client: docker.DockerClient) -> Container:
    """A container with a network of its own, a published port, a volume and a bind mount."""
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


@pytest.mark.live
def test_container_and_what_it_uses(client: docker.DockerClient, box: Container) -> None:
    """A container with the label is there with its ports and mounts, and so are its image, network and volume."""
    result = take_snapshot(client, TEST_LABEL)
    (container,) = result.containers
    assert (container.name, container.image, container.state) == ("snap-box", BUSYBOX, "running")
    assert (container.has_process, container.exit_code) == (True, None)
    box.reload()
    assert container.addresses == {"snap-net": box.attrs["NetworkSettings"]["Networks"]["snap-net"]["IPAddress"]}
    assert container.ports == (Port(80, "tcp", "127.0.0.1", 8099),)
    assert set(container.mounts) == {
        Mount("volume", "snap-data", "/data", True),
        Mount("bind", "/etc", "/host-etc", False),
    }
    assert [image.name for image in result.images] == [BUSYBOX]
    assert [network.name for network in result.networks] == ["snap-net"]
    assert [(volume.name, volume.containers, volume.anonymous) for volume in result.volumes] == [
        ("snap-data", ("snap-box",), False)
    ]


@pytest.mark.live
def test_stopped_container(client: docker.DockerClient, box: Container) -> None:
    """A killed container has its exit code and stays in its network, without an address."""
    box.kill()
    box.wait()
    (container,) = take_snapshot(client, TEST_LABEL).containers
    assert (container.has_process, container.exit_code) == (False, 137)
    assert (container.addresses, container.ports) == ({"snap-net": ""}, ())


@pytest.mark.live
def test_label_that_nothing_has(client: docker.DockerClient, box: Container) -> None:
    """A label selects the objects that have it; if it has a value, their label must have the same value."""
    assert take_snapshot(client, f"{LABEL}=nobody") == Snapshot()
    assert box.name in [container.name for container in take_snapshot(client, LABEL).containers]


@pytest.mark.live
def test_no_label_selects_everything(client: docker.DockerClient, box: Container) -> None:
    """Without a label the daemon's own networks are there, and the course's images with all their layers."""
    result = take_snapshot(client)
    assert {"bridge", "host", "none", "snap-net"} <= {network.name for network in result.networks}
    busybox = next(image for image in result.images if BUSYBOX in image.tags)
    assert [layer.digest for layer in busybox.layers] == client.images.get(BUSYBOX).attrs["RootFS"]["Layers"]


@pytest.mark.live
def test_anonymous_volume(client: docker.DockerClient) -> None:
    """A volume created without a name is anonymous."""
    client.containers.create(BUSYBOX, labels=MINE, volumes=["/data"])
    (volume,) = take_snapshot(client, TEST_LABEL).volumes
    assert volume.anonymous


@pytest.mark.live
def test_missing_image(client: docker.DockerClient) -> None:
    """Loading one image by a wrong name raises docker's own error."""
    with pytest.raises(ImageNotFound):
        snapshot.image(client, "drydock/windows:95")


@pytest.fixture
def changes(client: docker.DockerClient) -> Iterator[threading.Event]:
    """A thread that creates and removes images, containers, networks and volumes; set after its first turn."""
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


@pytest.mark.live
def test_removed_objects_are_left_out(client: docker.DockerClient, changes: threading.Event) -> None:
    """Taking a snapshot never fails while objects are created and removed."""
    wait_for(changes.is_set, "the first turn", seconds=60)
    snapshots = [take_snapshot(client) for _ in range(40)]
    assert all(BUSYBOX in [tag for image in each.images for tag in image.tags] for each in snapshots)


@pytest.mark.parametrize(
    ("address", "shown"),
    [("::", "0.0.0.0"), ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("fd00::5", "[fd00::5]")],
)
def test_addresses_of_ports(address: str, shown: str) -> None:
    """All IPv6 addresses are all addresses; a single one is in brackets, and stays what it is."""
    [port] = snapshot._ports([{"PrivatePort": 80, "Type": "tcp", "IP": address, "PublicPort": 8080}])
    assert port.host_ip == shown
