"""The process of the emulator: requests need a key, and it asks the daemon for its own containers only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.learn.ecs_emulator import EcsEmulator
from drydock.learn.ecs_server import emulator_client
from tests.machines import BUSYBOX

NAME = "ecs-server"


@pytest.fixture
def emulator(host: Endpoint) -> Iterator[EcsEmulator]:
    """A running emulator."""
    with closing(EcsEmulator(NAME, host)) as emulator:
        yield emulator


@pytest.mark.host
def test_no_image_is_pulled(emulator: EcsEmulator) -> None:
    """A task whose image the daemon lacks stops, and says why."""
    ecs = boto3.client("ecs", **emulator.access)
    ecs.create_cluster()
    ecs.register_task_definition(
        family="none", containerDefinitions=[{"name": "none", "image": "drydock/none:1", "memory": 64}]
    )
    [task] = ecs.run_task(taskDefinition="none")["tasks"]

    def reason() -> str:
        [described] = ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"]
        return str(described.get("stoppedReason") or "")

    assert "this emulator pulls none" in wait_for(reason, "the task to stop", seconds=30)


@pytest.mark.host
def test_a_request_needs_the_key(emulator: EcsEmulator) -> None:
    """Another program of this computer, or a page in a browser, gets nothing from the emulator."""
    assert requests.post(emulator.address, timeout=10).status_code == 403
    stranger = boto3.client("ecs", **{**emulator.access, "aws_access_key_id": "0" * 32})
    with pytest.raises(ClientError, match="403"):
        stranger.list_clusters()


@pytest.mark.host
def test_it_lists_its_own_containers_only(host: Endpoint) -> None:
    """What carries no label of the lesson is never listed, so the emulator can't remove it."""
    with closing(emulator_client(host, NAME)) as client, closing(host.client()) as other:
        foreign = other.containers.create(BUSYBOX, labels={"ministack": "ecs", LABEL: "another"})
        own = client.containers.create(BUSYBOX, labels={"ministack": "ecs"})
        try:
            for label in ("ministack", ["ministack"]):
                assert client.containers.list(all=True, sparse=True, filters={"label": label}) == [own]
        finally:
            own.remove()
            foreign.remove()
