"""A client that labels what it creates."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from drydock.core.paths import LABEL
from drydock.errors import FolderNotShared, PortTaken
from drydock.learn.labelled_client import labelled_client
from drydock.machine import Machine
from tests.machines import BUSYBOX

LABELS = {LABEL: "labelled-client"}


@pytest.mark.live
def test_all_that_is_created_is_labelled(machine: Machine) -> None:
    """Containers, networks and volumes carry the label beside labels of their own."""
    with closing(labelled_client(machine.endpoint, LABELS)) as client:
        container = client.containers.create(BUSYBOX, labels={"mine": "too"})
        network, volume = client.networks.create("labelled-net"), client.volumes.create("labelled-volume")
        try:
            assert container.labels.items() >= {**LABELS, "mine": "too"}.items()
            assert network.attrs["Labels"] == volume.attrs["Labels"] == LABELS
        finally:
            container.remove()
            network.remove()
            volume.remove()


@pytest.mark.live
def test_a_machine_refuses_what_its_daemon_would_not_notice(machine: Machine) -> None:
    """A port that a program of this computer has, and a folder that is not shared: nothing is created."""
    with closing(labelled_client(machine.endpoint, LABELS)) as client, socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port}/tcp"):
            client.containers.create(BUSYBOX, ports={"80/tcp": ("127.0.0.1", port)})
        with pytest.raises(FolderNotShared, match="--share /home/nobody"):
            client.containers.create(BUSYBOX, volumes=["/home/nobody:/data"])
        assert client.containers.list(all=True, filters={"label": f"{LABEL}=labelled-client"}) == []


@pytest.mark.live
def test_a_container_starts_only_with_a_free_port(machine: Machine) -> None:
    """A port may be taken after the container was created."""
    with closing(labelled_client(machine.endpoint, LABELS)) as client:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        container = client.containers.create(BUSYBOX, "sleep 60", ports={"80/tcp": ("127.0.0.1", port)})
        try:
            with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken):
                container.start()
            container.start()
        finally:
            container.remove(force=True)
