"""The report of ``drydock doctor``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from drydock.engine import doctor
from drydock.engine.providers import local_socket
from drydock.errors import DockerHostUnreachable, ImageMissing, NoEngine


@pytest.mark.host
def test_container_runs(no_docker: pytest.MonkeyPatch, host: Endpoint) -> None:
    """With a working daemon the report is ok, and says which provider was selected."""
    no_docker.setattr(local_socket, "SYSTEM_SOCKET", Path(host.host.removeprefix("unix://")))
    report = doctor.examine()
    values = json.loads(json.dumps(report.as_json()))
    assert values["ok"] is True
    selected = [candidate["name"] for candidate in values["candidates"] if candidate["selected"]]
    assert selected == [local_socket.NAME]
    assert len(values["candidates"]) == 5
    assert values["engine"]["address"] == host.host
    assert values["seconds"] > 0
    assert {report.status(candidate) for candidate in report.candidates} >= {"selected", "unavailable"}


@pytest.mark.host
def test_missing_image(no_docker: pytest.MonkeyPatch, host: Endpoint) -> None:
    """A daemon without the course's images is reported with the command that builds them."""
    no_docker.setattr(local_socket, "SYSTEM_SOCKET", Path(host.host.removeprefix("unix://")))
    no_docker.setattr(doctor, "IMAGE", "drydock/nosuch:1")
    report = doctor.examine("host")
    assert isinstance(report.error, ImageMissing)
    assert not report.ok
    assert "drydock images build" in report.as_json()["error"]


def test_no_engine(no_machines: None) -> None:
    """Without any engine the report is not ok, and has each provider's reason."""
    report = doctor.examine()
    assert isinstance(report.error, NoEngine)
    assert not report.ok
    assert report.engine is None
    assert all(candidate.reason for candidate in report.candidates)


def test_unreachable_docker_host(no_docker: pytest.MonkeyPatch) -> None:
    """If a person's DOCKER_HOST does not answer, that is the error, and no other provider is asked."""
    no_docker.setenv("DOCKER_HOST", "unix:///nowhere")
    report = doctor.examine()
    assert isinstance(report.error, DockerHostUnreachable)
    assert [candidate.reason.startswith("not asked") for candidate in report.candidates] == [False, *[True] * 4]
