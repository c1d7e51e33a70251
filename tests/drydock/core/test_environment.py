"""Docker's environment variables, and which of them Drydock set."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.core.paths import data_folder

LOCAL = Endpoint("unix:///var/run/docker.sock")


def test_own_address_is_recognized(no_docker: pytest.MonkeyPatch) -> None:
    """An address that Drydock set differs from one that a person set later."""
    for name, value in environment.variables(LOCAL).items():
        no_docker.setenv(name, value)
    assert environment.set_by_drydock(LOCAL.host)
    assert not environment.set_by_drydock("tcp://elsewhere:2375")


def test_use_and_restore(no_docker: pytest.MonkeyPatch) -> None:
    """Using a socket removes another daemon's TLS variables; restoring brings back all earlier values."""
    for name in ("DOCKER_HOST", environment.MARKER, "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        no_docker.setenv(name, "before")
    before = dict(os.environ)
    environment.use(Endpoint("tcp://127.0.0.1:1"))
    environment.use(LOCAL)
    assert os.environ["DOCKER_HOST"] == LOCAL.host
    assert "DOCKER_TLS_VERIFY" not in os.environ
    assert "DOCKER_CERT_PATH" not in os.environ
    environment.restore()
    assert dict(os.environ) == before


def test_machine_is_found_by_its_certificates() -> None:
    """An endpoint is a machine's if its certificates are in the machine's folder."""
    certificates = data_folder() / "machines" / "second" / "tls"
    assert environment.machine_name(Endpoint("tcp://127.0.0.1:2376", certificates)) == "second"
    assert environment.machine_name(Endpoint("tcp://127.0.0.1:2376", Path("/certificates"))) is None
    assert environment.machine_name(LOCAL) is None


def test_other_daemons_need_no_folder_of_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the data folder can't be created, a daemon that is no machine's is recognized all the same."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "below"))
    assert environment.machine_name(LOCAL) is None
    assert environment.machine_name(Endpoint("tcp://127.0.0.1:2376", Path("/certificates"))) is None


def test_a_user_without_a_home_folder_has_no_machine(no_home: pytest.MonkeyPatch) -> None:
    """A daemon with certificates is another one, and no error."""
    assert environment.machine_name(Endpoint("tcp://127.0.0.1:2376", Path("/certificates"))) is None
