"""A client that labels what it creates."""

from __future__ import annotations

from contextlib import closing

import pytest

from drydock.core.paths import LABEL
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
