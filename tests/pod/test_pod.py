"""A pod like Binder's: no root, no capability, one CPU, 2 GB. There the machine builds, boots and passes its tests."""

from __future__ import annotations

import io
import json
import re
import ssl
import tarfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from drydock import images
from drydock.core.command import PACKAGE_OF
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.machine.artifacts import bundle, machine_build
from drydock.machine.store import artifact_cache
from tests.architecture.tree import ROOT, files

_HOME = "/home/pod/drydock"
_BASE = "drydock/debian:13"
#: Python, the programs that Drydock calls, and authorities to fetch wheels with.
_PACKAGES = " ".join(sorted({"ca-certificates", "python3", "python3-venv", *PACKAGE_OF.values()}))
#: What setting up reads. The packages are empty here: only their place counts until the checkout is put over them.
_SETUP = [
    "LICENSE",
    "hatch_build.py",
    "README.md",
    "pyproject.toml",
    "scripts/setup",
    *(f"locks/{n}.txt" for n in ("setup", "runtime", "dev")),
]
_BEGIN = 'set -eu; export PATH="$PWD/.venv/bin:$PATH"; '
_BUILT = f"""{_BEGIN}
drydock machine build
drydock machine bench --json --rounds 1
exec python -m pytest -m 'live and not host' -p no:cacheprovider --durations=8 tests/drydock/machine/"""
_BUNDLED = f"""{_BEGIN}
drydock machine build --from machine.bundle
exec drydock machine bench --json --rounds 5
"""


@pytest.fixture
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, patient enough for a build."""
    with closing(host.client(timeout=900)) as client:
        images.build(client, ["debian"])
        yield client


@pytest.mark.host
@pytest.mark.live
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("tests", ["test_docker.py", pytest.param("", marks=pytest.mark.nightly, id="all")])
def test_the_machine_in_a_pod(client: docker.DockerClient, tests: str) -> None:
    """As uid 1000 without any capability the machine builds, boots and passes the live tests that it passes here.

    Those of what Docker does in it every time, and all of them at night.
    """
    said = in_a_pod(client, _BUILT + tests, {})
    assert figures(said)["api_s"] > 0
    assert (passed := re.search(r"(\d+) passed", said)), "no test ran in the pod"
    assert int(passed[1]) > 0


@pytest.mark.host
@pytest.mark.live
@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_a_bundle_in_a_pod(client: docker.DockerClient, tmp_path: Path) -> None:
    """What was built and compiled here boots there, where no compiler is."""
    machine_build.find_or_build("compiled")
    bundle.export(tmp_path / "machine.bundle")
    said = in_a_pod(client, _BUNDLED, {"machine.bundle": tmp_path / "machine.bundle"})
    assert figures(said)["run_s"] > 0


def in_a_pod(client: docker.DockerClient, script: str, more: Mapping[str, Path]) -> str:
    """What a script says in a pod on a checkout with a few more files in it; it must end well."""
    container = client.containers.create(
        pod_image(client),
        ["sh", "-c", script],
        labels={LABEL: "tests"},
        user="1000",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit="2g",
        nano_cpus=10**9,
        shm_size="64m",
    )
    try:
        contents = {path.relative_to(ROOT).as_posix(): path for path in files()} | dict(more)
        container.put_archive(_HOME, packed(contents.items()))
        began = time.monotonic()
        container.start()
        said = ""
        for chunk in container.logs(stream=True, follow=True):
            print(text := chunk.decode(errors="replace"), end="", flush=True)
            said += text
        code = container.wait()["StatusCode"]
        print(f"in the pod: {time.monotonic() - began:.0f} s")
    finally:
        container.remove(force=True, v=True)
    assert code == 0, "it failed in the pod; what it printed is above"
    return said


def figures(said: str) -> dict[str, float]:
    """The machine's figures, of what ``drydock machine bench --json`` printed among the rest."""
    told: dict[str, float] = json.loads(next(line for line in said.splitlines() if line.startswith('{"machine"')))[
        "machine"
    ]
    return told


def pod_image(client: docker.DockerClient) -> str:
    """The pod's image, built unless one of the same content is there."""
    recipe = Path(__file__).with_name("Dockerfile")
    base = client.images.get(_BASE).id
    trusted = authorities()
    parts: list[str | bytes | Path] = [recipe, trusted, str(base), _PACKAGES, *(ROOT / name for name in _SETUP)]
    tag = f"drydock/pod-for-tests:{artifact_cache.key(parts)}"
    if client.images.list(tag):
        return tag
    contents: list[tuple[str, Path | bytes]] = [("Dockerfile", recipe), *((name, ROOT / name) for name in _SETUP)]
    contents += [("authorities.pem", trusted), ("drydock/__init__.py", b""), ("autograder/__init__.py", b"")]
    arguments = {"BASE": _BASE, "PACKAGES": _PACKAGES}
    options: dict[str, Any] = {"custom_context": True, "buildargs": arguments, "labels": {LABEL: "tests"}}
    began, said = time.monotonic(), []
    context = io.BytesIO(packed(contents))
    for line in client.api.build(fileobj=context, tag=tag, rm=True, forcerm=True, decode=True, **options):
        said.append(line.get("stream", line.get("error", "")))
        assert "error" not in line, "".join(said[-60:])
    print(f"building {tag} took {time.monotonic() - began:.0f} s")
    return tag


def authorities() -> bytes:
    """The certificates of those whom this computer trusts."""
    return "".join(map(ssl.DER_cert_to_PEM_cert, ssl.create_default_context().get_ca_certs(binary_form=True))).encode()


def packed(contents: Iterable[tuple[str, Path | bytes]]) -> bytes:
    """A tar of files (paths or bytes) by the names they get, all of them the pod user's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in contents:
            entry = tarfile.TarInfo(name)
            data = content if isinstance(content, bytes) else content.read_bytes()
            entry.mode = 0o644 if isinstance(content, bytes) else content.stat().st_mode & 0o777
            entry.size, entry.uid, entry.gid = len(data), 1000, 1000
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
