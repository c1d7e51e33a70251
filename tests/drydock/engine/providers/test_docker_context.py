"""The second provider: the active docker context."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from drydock.core.endpoint import Endpoint
from drydock.engine.providers import docker_context


def use_context(home: Path, name: str, host: str | None) -> None:
    """Write the files of ``docker context create`` (only if there is a host) and ``docker context use``."""
    folder = home / ".docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    if host is not None:
        meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
        meta.mkdir(parents=True)
        context = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
        (meta / "meta.json").write_text(json.dumps(context))


def test_default_context(no_docker: pytest.MonkeyPatch) -> None:
    """The default context is unavailable: it means the local socket, which is the next provider."""
    assert "default" in docker_context.detect().reason


@pytest.mark.host
def test_context_that_answers(no_docker: pytest.MonkeyPatch, tmp_path: Path, host: Endpoint) -> None:
    """The daemon of the active context is detected."""
    use_context(tmp_path, "desktop", host.host)
    assert docker_context.detect().endpoint == host


def test_context_that_does_not_answer(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason for a context without a running daemon has its name."""
    use_context(tmp_path, "desktop", "unix:///nowhere/docker.sock")
    assert "'desktop', but there is no" in docker_context.detect().reason


def test_removed_context(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason for an active context that was removed has its name."""
    use_context(tmp_path, "gone", None)
    assert "'gone', but there is no such context" in docker_context.detect().reason


def test_broken_context(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A context file that can't be read is a reason, and no traceback."""
    use_context(tmp_path, "odd", "unix:///nowhere")
    next(tmp_path.rglob("meta.json")).write_text("{")
    assert "'odd' can't be read" in docker_context.detect().reason


def test_a_context_without_settings(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """DOCKER_CONTEXT chooses a context also where Docker has no config.json, in either place of Docker's settings."""
    use_context(tmp_path, "desktop", "unix:///nowhere/docker.sock")
    (tmp_path / ".docker" / "config.json").unlink()
    no_docker.setenv("DOCKER_CONTEXT", "desktop")
    assert "'desktop', but there is no socket" in docker_context.detect().reason
    (tmp_path / ".docker").rename(tmp_path / "settings")
    assert "there is no such context" in docker_context.detect().reason
    no_docker.setenv("DOCKER_CONFIG", str(tmp_path / "settings"))
    assert "'desktop', but there is no socket" in docker_context.detect().reason


def test_certificates_of_a_context(no_docker: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The endpoint has the folder with the context's certificates, as DOCKER_CERT_PATH expects."""
    use_context(tmp_path, "remote", "tcp://127.0.0.1:1")
    folder = tmp_path / ".docker" / "contexts" / "tls" / hashlib.sha256(b"remote").hexdigest() / "docker"
    folder.mkdir(parents=True)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).touch()
    assert docker_context._endpoint("remote") == Endpoint("tcp://127.0.0.1:1", folder)


def test_a_user_without_a_home_folder_has_the_default_context(no_home: pytest.MonkeyPatch) -> None:
    """There is no file that could name another; one that a variable names can't be found."""
    assert "the active context is the default one" in docker_context.detect().reason
    no_home.setenv("DOCKER_CONTEXT", "other")
    assert "There is no home folder" in docker_context.detect().reason
