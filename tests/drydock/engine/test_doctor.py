"""The doctor: runs a container, and tells why each place was taken or declined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from drydock.engine import doctor
from drydock.engine.providers import local_socket
from drydock.errors import DockerHostUnreachable, ImageMissing, NoEngine


@pytest.mark.host
def test_it_runs_a_container(bare: pytest.MonkeyPatch, host: Endpoint) -> None:
    """With a daemon that works all is well, and the report says which place gave it."""
    bare.setattr(local_socket, "SYSTEM", Path(host.host.removeprefix("unix://")))
    report = doctor.examine()
    told = json.loads(json.dumps(report.as_json()))
    assert told["ok"] is True
    assert [one["name"] for one in told["candidates"] if one["taken"]] == [local_socket.NAME]
    assert len(told["candidates"]) == 5
    assert told["engine"]["address"] == host.host
    assert told["seconds"] > 0


@pytest.mark.host
def test_a_daemon_without_our_images(bare: pytest.MonkeyPatch, host: Endpoint) -> None:
    """A daemon that lacks the course's images is told how to get them."""
    bare.setattr(local_socket, "SYSTEM", Path(host.host.removeprefix("unix://")))
    bare.setattr(doctor, "IMAGE", "drydock/nosuch:1")
    report = doctor.examine("host")
    assert isinstance(report.trouble, ImageMissing)
    assert not report.ok
    assert "drydock images build" in report.as_json()["trouble"]


def test_no_docker_anywhere(elsewhere: None) -> None:
    """Where nobody has a Docker the report is not ok, and has everybody's reason."""
    report = doctor.examine()
    assert isinstance(report.trouble, NoEngine)
    assert not report.ok
    assert report.engine is None
    assert all(candidate.reason for candidate in report.candidates)


def test_a_silent_docker_host(bare: pytest.MonkeyPatch) -> None:
    """A DOCKER_HOST that does not answer is the finding; the others are listed as not asked."""
    bare.setenv("DOCKER_HOST", "unix:///nowhere")
    report = doctor.examine()
    assert isinstance(report.trouble, DockerHostUnreachable)
    assert [candidate.reason.startswith("not asked") for candidate in report.candidates] == [False, *[True] * 4]
