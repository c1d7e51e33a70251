"""The first provider: DOCKER_HOST."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder
from drydock.engine.providers import docker_host
from drydock.errors import DockerHostUnreachable

UNREACHABLE = "unix:///nowhere/docker.sock"


def test_unset_variable(no_docker: pytest.MonkeyPatch) -> None:
    """Without the variable the candidate is not usable."""
    assert not docker_host.detect().usable


@pytest.mark.host
def test_address_that_answers(no_docker: pytest.MonkeyPatch, host: Endpoint) -> None:
    """The daemon at the variable's address is detected."""
    no_docker.setenv("DOCKER_HOST", host.host)
    candidate = docker_host.detect()
    assert candidate.endpoint == host
    assert candidate.reason == "it is set, and a daemon answers"


def test_unreachable_address_of_a_person_is_an_error(no_docker: pytest.MonkeyPatch) -> None:
    """A person who set the variable wants that daemon and no other, so an unreachable one is an error."""
    no_docker.setenv("DOCKER_HOST", UNREACHABLE)
    with pytest.raises(DockerHostUnreachable, match="DOCKER_HOST is set to unix:///nowhere"):
        docker_host.detect()


def test_unreachable_address_of_drydock_is_a_reason(no_docker: pytest.MonkeyPatch) -> None:
    """An address that Drydock set may be of a machine stopped since, so the search goes on."""
    no_docker.setenv("DOCKER_HOST", UNREACHABLE)
    no_docker.setenv(environment.MARKER, UNREACHABLE)
    candidate = docker_host.detect()
    assert not candidate.usable
    assert candidate.reason.startswith("Drydock set it, but there is no")


def test_kind_of_a_machines_address(no_docker: pytest.MonkeyPatch) -> None:
    """An address with a machine's certificates has the kind "machine"."""
    folder = data_folder() / "machines" / "second" / "tls"
    for name, value in {"HOST": "tcp://127.0.0.1:1", "TLS_VERIFY": "1", "CERT_PATH": str(folder)}.items():
        no_docker.setenv(f"DOCKER_{name}", value)
    no_docker.setenv(environment.MARKER, "tcp://127.0.0.1:1")
    assert docker_host.detect().kind == "machine"


def test_tls_variables(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With DOCKER_TLS_VERIFY the certificates are in DOCKER_CERT_PATH, or in ~/.docker if that is not set."""
    no_docker.setenv("DOCKER_TLS_VERIFY", "1")
    address = "tcp://there:2376"
    assert docker_host.endpoint_from_environment(address) == Endpoint(address, tmp_path / ".docker")
    no_docker.setenv("DOCKER_CERT_PATH", "/certificates")
    assert docker_host.endpoint_from_environment(address) == Endpoint(address, Path("/certificates"))
