"""The first place: DOCKER_HOST."""

from __future__ import annotations

from pathlib import Path

import pytest

from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder
from drydock.engine.providers import docker_host
from drydock.errors import DockerHostUnreachable

SILENT = "unix:///nowhere/docker.sock"


def test_unset_is_declined(bare: pytest.MonkeyPatch) -> None:
    """Without the variable the next place is asked."""
    assert not docker_host.ask().usable


@pytest.mark.host
def test_an_address_that_answers_is_taken(bare: pytest.MonkeyPatch, host: Endpoint) -> None:
    """A daemon that the variable names is taken, whoever set it."""
    bare.setenv("DOCKER_HOST", host.host)
    answer = docker_host.ask()
    assert answer.endpoint == host
    assert answer.reason == "it is set, and a daemon answers"


def test_a_persons_silent_address_is_an_error(bare: pytest.MonkeyPatch) -> None:
    """Whoever set the variable meant that daemon and no other, so nobody else is asked."""
    bare.setenv("DOCKER_HOST", SILENT)
    with pytest.raises(DockerHostUnreachable, match="DOCKER_HOST is set to unix:///nowhere"):
        docker_host.ask()


def test_our_own_silent_address_is_only_declined(bare: pytest.MonkeyPatch) -> None:
    """An address that Drydock set may be stale, as when its machine was stopped: then the search goes on."""
    bare.setenv("DOCKER_HOST", SILENT)
    bare.setenv(environment.VARIABLE, SILENT)
    answer = docker_host.ask()
    assert not answer.usable
    assert answer.reason.startswith("set by Drydock, but there is no")


def test_a_machines_address_is_known_as_one(bare: pytest.MonkeyPatch) -> None:
    """An address with a machine's certificates is a machine's, so that asking for the host's Docker can pass it by."""
    folder = data_folder() / "machines" / "second" / "tls"
    for name, value in {"HOST": "tcp://127.0.0.1:1", "TLS_VERIFY": "1", "CERT_PATH": str(folder)}.items():
        bare.setenv(f"DOCKER_{name}", value)
    bare.setenv(environment.VARIABLE, "tcp://127.0.0.1:1")
    assert docker_host.ask().kind == "machine"


def test_the_tls_variables_are_read(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With DOCKER_TLS_VERIFY the certificates are where DOCKER_CERT_PATH says, or in the user's own folder."""
    bare.setenv("DOCKER_TLS_VERIFY", "1")
    assert docker_host.from_environment("tcp://there:2376") == Endpoint("tcp://there:2376", tmp_path / ".docker")
    bare.setenv("DOCKER_CERT_PATH", "/certificates")
    assert docker_host.from_environment("tcp://there:2376") == Endpoint("tcp://there:2376", Path("/certificates"))
