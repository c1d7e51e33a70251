"""Building the images in a daemon: once, with our labels, and again only after a change."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound

from drydock import images
from drydock.core import paths
from drydock.core.endpoint import Endpoint
from drydock.errors import ImageBuildFailed
from drydock.images import build_context, builder


@pytest.fixture(scope="module")
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, which has all images."""
    with closing(host.client(timeout=300)) as client:
        images.build(client)
        yield client


@pytest.fixture
def renamed(client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[images.Image]:
    """The recipe of busybox under another tag, as the only recipe: a test may build and replace its image."""
    busybox = images.recipes()[0]
    contexts = build_context.ensure([busybox])
    monkeypatch.setattr(build_context, "ensure", lambda _: contexts)
    recipe = dataclasses.replace(busybox, tag="drydock/test-of-images:1")
    vars(recipe)["key"] = "1" * 32  # as a label it gives the image an id of its own, though the files are the same
    monkeypatch.setattr(builder, "recipes", lambda: [recipe])
    yield recipe
    try:
        client.images.remove(recipe.tag, force=True)
    except ImageNotFound:
        return


@pytest.mark.host
def test_the_second_call_builds_nothing(client: docker.DockerClient, capsys: pytest.CaptureFixture[str]) -> None:
    """In a daemon that has all images, nothing is built."""
    assert images.build(client) == []
    assert capsys.readouterr().err == ""


@pytest.mark.host
def test_all_are_listed_as_current(client: docker.DockerClient) -> None:
    """`ls` lists every image with its size, as of today's recipe."""
    statuses = images.ls(client)
    assert [status.image.name for status in statuses] == [image.name for image in images.recipes()]
    assert all(status.current and status.size for status in statuses)


@pytest.mark.host
def test_each_image_has_our_labels(client: docker.DockerClient) -> None:
    """The labels distinguish our images from other images in the daemon."""
    for image in images.recipes():
        labels = client.images.get(image.tag).labels
        assert paths.LABEL in labels
        assert labels[images.KEY_LABEL] == image.key


@pytest.mark.host
def test_a_missing_image_is_built(client: docker.DockerClient, renamed: images.Image) -> None:
    """A missing image is not current; after a build it is."""
    assert not images.ls(client)[0].current
    assert images.build(client, ["busybox"]) == [renamed]
    assert images.ls(client)[0].current


@pytest.mark.host
def test_an_outdated_image_is_replaced(
    client: docker.DockerClient, renamed: images.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change of the recipe, the new image gets the tag and the old image is removed."""
    images.build(client)
    before = client.images.get(renamed.tag).id
    changed = dataclasses.replace(renamed)
    vars(changed)["key"] = "0" * 32
    monkeypatch.setattr(builder, "recipes", lambda: [changed])
    assert not images.ls(client)[0].current
    assert images.build(client) == [changed]
    assert client.images.get(renamed.tag).id != before
    with pytest.raises(ImageNotFound):
        client.images.get(str(before))


@pytest.mark.host
def test_an_outdated_image_with_another_tag_is_kept(
    client: docker.DockerClient, renamed: images.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tag that somebody else gave to our image still names the old image after a build."""
    images.build(client)
    before = client.images.get(renamed.tag)
    before.tag("drydock/test-of-images", "kept")
    try:
        changed = dataclasses.replace(renamed)
        vars(changed)["key"] = "0" * 32
        monkeypatch.setattr(builder, "recipes", lambda: [changed])
        images.build(client)
        assert client.images.get("drydock/test-of-images:kept").id == before.id
    finally:
        client.images.remove("drydock/test-of-images:kept")


@pytest.mark.host
def test_a_failed_build_shows_the_daemons_message(
    client: docker.DockerClient, renamed: images.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the daemon's own message."""
    broken = build_context.BuildContext(tmp_path, "0" * 64)
    (tmp_path / "context.tar").write_bytes(b"")
    monkeypatch.setattr(build_context, "ensure", lambda _: {"busybox": broken})
    with pytest.raises(ImageBuildFailed, match="Dockerfile"):
        images.build(client)


class Daemon(BaseHTTPRequestHandler):
    """A daemon that has no image and builds each, and records the headers of the requests."""

    protocol_version = "HTTP/1.1"
    headers_of_builds: list[dict[str, str]]

    def do_GET(self) -> None:
        """Return the version; no image is there."""
        is_version = self.path.endswith("/version")
        self.respond(200 if is_version else 404, {"ApiVersion": "1.41"} if is_version else {"message": "No such image"})

    def do_POST(self) -> None:
        """Read the build context, and report that the image was built."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.headers_of_builds.append(dict(self.headers))
        self.respond(200, {"stream": "Successfully built"})

    def respond(self, status: int, value: dict[str, str]) -> None:
        """Return JSON as one chunk, as a daemon does for a build."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def daemon() -> Iterator[str]:
    """The address of that daemon."""
    Daemon.headers_of_builds = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Daemon) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("settings", [{"credsStore": "test"}, {"credHelpers": {"registry.example": "test"}}])
@pytest.mark.parametrize("program", [None, 'touch "$0.called"; exec sleep 600'], ids=["missing", "hanging"])
def test_a_build_asks_no_program_for_passwords(
    daemon: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], program: str | None
) -> None:
    """Nothing is pulled, so a program in Docker's config.json that is missing or waits for a person fails no build."""
    helper = tmp_path / "docker-credential-test"
    if program is not None:
        helper.write_text(f"#!/bin/sh\n{program}\n")
        helper.chmod(0o755)
    (tmp_path / "config.json").write_text(json.dumps(settings))
    (tmp_path / "context.tar").write_bytes(bytes(1024))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    context = build_context.BuildContext(tmp_path, "0" * 64)
    monkeypatch.setattr(build_context, "ensure", lambda _: {"busybox": context})
    with closing(Endpoint(daemon).client()) as client:
        assert [image.name for image in images.build(client, ["busybox"])] == ["busybox"]
        assert type(client.api) is docker.APIClient
    assert ["X-Registry-Config" in headers for headers in Daemon.headers_of_builds] == [False]
    assert not helper.with_name(f"{helper.name}.called").exists()
