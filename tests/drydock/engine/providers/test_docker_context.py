"""The second place: the active docker context."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from docker.context import Context

from drydock.core.endpoint import Endpoint
from drydock.engine.providers import docker_context


def use(home: Path, name: str, host: str | None) -> None:
    """What ``docker context create`` and ``docker context use`` write; without a host, only the latter."""
    own = home / ".docker"
    own.mkdir(exist_ok=True)
    (own / "config.json").write_text(json.dumps({"currentContext": name}))
    if host is not None:
        meta = own / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
        meta.mkdir(parents=True)
        found = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
        (meta / "meta.json").write_text(json.dumps(found))


def test_the_default_context_is_the_next_place(bare: pytest.MonkeyPatch) -> None:
    """Without a context of the user's own, the local socket is meant, which is asked next."""
    assert "default" in docker_context.ask().reason


@pytest.mark.host
def test_a_context_that_answers_is_taken(bare: pytest.MonkeyPatch, tmp_path: Path, host: Endpoint) -> None:
    """The daemon of the active context is taken."""
    use(tmp_path, "desktop", host.host)
    assert docker_context.ask().endpoint == host


def test_a_silent_context_is_declined(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A context whose daemon is off is declined with its name, and the search goes on."""
    use(tmp_path, "desktop", "unix:///nowhere/docker.sock")
    assert "'desktop', and there is no" in docker_context.ask().reason


def test_a_context_that_was_removed(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An active context that nobody knows any more is declined with its name."""
    use(tmp_path, "gone", None)
    assert "'gone', but there is no such context" in docker_context.ask().reason


def test_a_broken_context(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A context file that can't be read is declined, and not a traceback."""
    use(tmp_path, "odd", "unix:///nowhere")
    next(tmp_path.rglob("meta.json")).write_text("{")
    assert "'odd' can't be read" in docker_context.ask().reason


def test_certificates_come_along(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A context's certificates lie in one folder, which is what DOCKER_CERT_PATH expects."""
    use(tmp_path, "remote", "tcp://127.0.0.1:1")
    folder = tmp_path / ".docker" / "contexts" / "tls" / hashlib.sha256(b"remote").hexdigest() / "docker"
    folder.mkdir(parents=True)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).touch()
    assert docker_context._endpoint(Context.load_context("remote")) == Endpoint("tcp://127.0.0.1:1", folder)
