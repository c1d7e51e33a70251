"""A registry that a container publishes, and what goes wrong on the way from it to another daemon."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import SimpleNamespace
from typing import cast

import pytest
from docker import DockerClient
from docker.errors import APIError, ImageLoadError, ImageNotFound
from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.execution import archives
from autograder.probes.registry import Registry
from autograder.sandbox.machine_sandbox import MachineSandbox
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from tests.autograder.checks.test_context import Line
from tests.autograder.conftest import serving

PORT, BASE = 8083, "drydock/busybox:1.37"
CONFIG = json.dumps({"created": "2026", "rootfs": {"diff_ids": ["sha256:" + "0" * 64]}}).encode()
DIGEST = f"sha256:{hashlib.sha256(CONFIG).hexdigest()}"
LAYER = {"digest": "sha256:" + "1" * 64}
#: JSON that takes a hundred times its size in memory, and JSON that is nested as deep as it is long.
LARGE, DEEP = b"[" + b"{}," * 1_000_000 + b"{}]", b"[" * 1_000_000
DIGESTS = {name: f"sha256:{hashlib.sha256(text).hexdigest()}" for name, text in (("large", LARGE), ("deep", DEEP))}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[MachineSandbox]:
    """A machine with a registry in it, to which three images were pushed."""
    with MachineSandbox() as booted, closing(booted.client()) as client:
        shelf = client.containers.run(
            "drydock/registry:2", detach=True, ports={"5000/tcp": ("127.0.0.1", PORT)}, labels={LABEL: "autograder"}
        )
        wait_for(lambda: b"listening on" in shelf.logs(), "the registry", seconds=60)
        for tag in ("older", "newer"):
            push(client, tag)
        yield booted


def push(client: DockerClient, tag: str) -> None:
    """Make an image that says its tag, and push it."""
    made = client.containers.create(BASE, ["true"])
    made.put_archive("/", archives.packed({"note": tag.encode()}))
    made.commit(f"127.0.0.1:{PORT}/desk", tag)
    made.remove()
    answer = client.images.push(f"127.0.0.1:{PORT}/desk", tag)
    assert "digest: sha256:" in answer, answer
    client.images.remove(f"127.0.0.1:{PORT}/desk:{tag}")


@pytest.fixture
def context(sandbox: MachineSandbox) -> Iterator[CheckContext]:
    """The machine's."""
    with closing(sandbox.client()) as client:
        yield CheckContext(client, sandbox.reach, "a-token")


@pytest.mark.live
@pytest.mark.isolation
def test_it_tells_what_it_has(context: CheckContext) -> None:
    """Repositories, tags, and which of them was made last."""
    registry = Registry(context, PORT)
    assert registry.repositories() == ["desk"]
    assert registry.tags("desk") == ["newer", "older"]
    assert registry.tags("chair") == []
    assert registry.newest("desk", ["newer", "older"]) == "newer"


@pytest.mark.live
@pytest.mark.isolation
def test_an_image_is_carried_to_another_daemon(context: CheckContext, sandbox: MachineSandbox) -> None:
    """And is there what it was here; a second time, nothing has to be carried."""
    with sandbox.another() as other, closing(other.client()) as client:
        elsewhere = CheckContext(client, other.reach, "a-token")
        image = Registry(context, PORT).carry("desk", "older", elsewhere, BASE)
        assert elsewhere.run("cat /note", image=str(image.id), network_mode="none") == (0, "older")
        assert Registry(context, PORT).carry("desk", "older", elsewhere, BASE).id == image.id


@pytest.mark.live
@pytest.mark.isolation
def test_a_lost_layer_is_told(context: CheckContext) -> None:
    """What can't be pulled in full is no image."""
    shelf = context.docker.containers.list(filters={"ancestor": "drydock/registry:2"})[0]
    ruin = "cd /var/lib/registry/docker/registry/v2/blobs/sha256 && find . -size +100k -delete"
    push(context.docker, "ruined")
    assert shelf.exec_run(["sh", "-c", ruin]).exit_code == 0
    with pytest.raises(Failed, match=r"Asked .*, the registry (answered|gave no answer)"):
        Registry(context, PORT).carry("desk", "ruined", context, BASE)


@contextmanager
def answering(manifests: dict[str, bytes]) -> Iterator[int]:
    """Run a server that has these manifests, by the end of their path, and nothing else."""

    def answer(line: Line) -> None:
        path = line.rfile.readline().split()[1].decode()
        body = next((text for end, text in manifests.items() if path.endswith(end)), None)
        line.wfile.write(b"HTTP/1.0 404 None\r\n\r\n" if body is None else b"HTTP/1.0 200 OK\r\n\r\n" + body)

    with serving(answer) as port:
        yield port


def registry_at(port: int) -> Registry:
    """A registry at a port of this computer."""
    return Registry(CheckContext(cast(DockerClient, None), lambda *_: ("127.0.0.1", port), "a-token"), PORT)


def manifest(**changes: object) -> bytes:
    """One of an image with one layer."""
    return json.dumps({"config": {"digest": DIGEST}, "layers": [LAYER], **changes}).encode()


INDEX = json.dumps({"manifests": [{"digest": DIGEST, "platform": {"os": "linux"}}]}).encode()


@pytest.mark.parametrize(
    ("manifests", "words"),
    [
        ({}, "answered 404"),
        ({"/1": b"no json"}, "is no image"),
        ({"/1": b"[]"}, "is no image"),
        ({"/1": manifest(config={})}, "is no image"),
        ({"/1": manifest(config={"digest": "../secret"})}, "is no digest"),
        ({"/1": manifest(config={"digest": DIGESTS["large"]}), DIGESTS["large"]: LARGE}, "configuration has more than"),
        ({"/1": manifest(config={"digest": DIGESTS["deep"]}), DIGESTS["deep"]: DEEP}, "is no image"),
        ({"/1": DEEP}, "is no image"),
        ({"/1": LARGE}, "is no image"),
        ({"/1": manifest(layers=[]), DIGEST: CONFIG}, "not as many layers"),
        ({"/1": manifest(), DIGEST: b"something else"}, "is something else"),
        ({"/1": json.dumps({"manifests": []}).encode()}, "is no image"),
        ({"/1": manifest(layers=[5]), DIGEST: CONFIG}, "is no image"),
        ({"/1": manifest(layers=[{"digest": "sha256:1"}]), DIGEST: CONFIG}, "'sha256:1' is no digest"),
        ({"/1": manifest(layers={"digest": 1}), DIGEST: CONFIG}, "is no image"),
        ({"/1": INDEX, DIGEST: INDEX}, "an index leads to an index"),
    ],
)
def test_what_is_no_image_is_told(manifests: dict[str, bytes], words: str) -> None:
    """A container that only looks like a registry is no trouble of the grader's."""
    with answering(manifests) as port, pytest.raises(Failed, match=words):
        registry_at(port).newest("desk", ["1"])


@pytest.mark.parametrize("names", [5, "desk", {"a": 1}, [5], [None]])
def test_names_of_another_kind_are_no_registry(names: object) -> None:
    """What a container lists may be anything."""
    listed = json.dumps({"tags": names, "repositories": names}).encode()
    with answering({"list": listed, "_catalog": listed}) as port:
        with pytest.raises(Failed, match="is no registry"):
            registry_at(port).tags("desk")
        with pytest.raises(Failed, match="is no registry"):
            registry_at(port).repositories()


def test_only_tags_are_tags() -> None:
    """No other name is asked for."""
    with answering({"list": json.dumps({"tags": ["b", "../a", "", "\u00fc", "x" * 200, "a"]}).encode()}) as port:
        assert registry_at(port).tags("desk") == ["a", "b"]


def test_a_slow_registry_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Very many tags, each answered slowly, do not take hours."""
    monkeypatch.setattr("autograder.probes.registry._SECONDS", -1)
    with answering({}) as port, pytest.raises(Failed, match="could not all be looked up"):
        registry_at(port).newest("desk", ["a", "b"])


@pytest.mark.parametrize("error", [ImageLoadError("invalid diffID for layer 0"), APIError("bad", explanation="bad")])
def test_what_docker_does_not_load_has_failed(error: Exception) -> None:
    """Layers that don't fit the configuration are no image, in Docker's words."""

    class Refuses:
        def get(self, name: str) -> Image:
            if name == BASE:
                return Image({"RootFS": {"Layers": ["sha256:" + "0" * 64]}})
            raise ImageNotFound(name)

        def load(self, _: object) -> None:
            raise error

    elsewhere = CheckContext(cast(DockerClient, SimpleNamespace(images=Refuses())), lambda *_: ("", 0), "a-token")
    blobs = {"/1": manifest(), DIGEST: CONFIG, LAYER["digest"]: b""}
    with answering(blobs) as port, pytest.raises(Failed, match=r"It can't be unpacked: (invalid diffID|bad)"):
        registry_at(port).carry("desk", "1", elsewhere, BASE)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff"])
def test_what_is_no_registry_is_told(body: bytes) -> None:
    """And nothing at all, too."""
    with answering({"_catalog": body}) as port, pytest.raises(Failed, match="is no registry"):
        registry_at(port).repositories()
    with pytest.raises(Failed, match="gave no answer"):
        registry_at(port).repositories()
