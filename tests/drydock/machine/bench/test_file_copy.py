"""``docker cp`` of a file, and the environment of the docker command."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from drydock.core.endpoint import Endpoint
from drydock.machine import Machine
from drydock.machine.artifacts import docker_cli
from drydock.machine.bench import file_copy, results_table
from tests.drydock.machine.bench.test_workload import leftovers


def test_the_command_uses_the_measured_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that name another daemon have no effect: neither its address, nor its context, nor its TLS."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.setenv(name, "another")
    monkeypatch.setattr(docker_cli, "environment", lambda: {"PATH": str(tmp_path)})
    variables = file_copy.environment(Endpoint("unix:///measured.sock"))
    assert {name: value for name, value in variables.items() if name.startswith("DOCKER_")} == {
        "DOCKER_HOST": "unix:///measured.sock"
    }
    assert variables["PATH"] == str(tmp_path)


@pytest.mark.live
@pytest.mark.nightly
def test_docker_cp_in_a_machine(machine: Machine, client: docker.DockerClient) -> None:
    """A file is copied into a container and back unchanged, each speed has a row, and the container is removed."""
    figures = file_copy.measure(client, machine.endpoint)
    assert set(figures) == {"cp_in_mb_s", "cp_out_mb_s"} < set(results_table.ROWS)
    assert all(speed > 0 for speed in figures.values())
    assert leftovers(client) == []
