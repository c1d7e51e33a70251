"""Which addresses are Drydock's own doing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder

HERE = Endpoint("unix:///var/run/docker.sock")


def test_what_we_set_is_known_again(bare: pytest.MonkeyPatch) -> None:
    """An address that Drydock wrote is told apart from one that a person wrote over it."""
    for name, value in environment.environment(HERE).items():
        bare.setenv(name, value)
    assert environment.is_ours(HERE.host)
    assert not environment.is_ours("tcp://elsewhere:2375")


def test_pointing_here_forgets_anothers_certificates(bare: pytest.MonkeyPatch) -> None:
    """Certificates of the daemon before would make clients speak TLS to a socket."""
    for name in ("DOCKER_HOST", environment.VARIABLE, "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        bare.setenv(name, "before")
    before = dict(os.environ)
    environment.point_here(Endpoint("tcp://127.0.0.1:1"))
    environment.point_here(HERE)
    assert os.environ["DOCKER_HOST"] == HERE.host
    assert "DOCKER_TLS_VERIFY" not in os.environ
    assert "DOCKER_CERT_PATH" not in os.environ
    environment.leave()
    assert dict(os.environ) == before


def test_a_machine_is_known_by_its_certificates() -> None:
    """Only an address whose certificates lie in a machine's folder is that machine's."""
    theirs = data_folder() / "machines" / "second" / "tls"
    assert environment.machine_of(Endpoint("tcp://127.0.0.1:2376", theirs)) == "second"
    assert environment.machine_of(Endpoint("tcp://127.0.0.1:2376", Path("/certificates"))) is None
    assert environment.machine_of(HERE) is None
