"""What the views' tests stand on, besides the shared machine: the daemon of this computer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import docker
import pytest

from drydock import images
from drydock.endpoint import Endpoint
from tests.machines import sweep


@pytest.fixture
def own(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of this computer's own daemon, which has busybox; what a test made there is gone after it."""
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        try:
            yield client
        finally:
            sweep(client)
