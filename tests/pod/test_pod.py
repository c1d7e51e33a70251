"""A pod like Binder's: no root, no capability, one CPU, 2 GB. There the machine builds, boots and passes its tests.

The pod gets the machine's artifacts as a bundle, as Binder does; building them takes minutes there.
"""

from __future__ import annotations

import io
import json
import re
import ssl
import tarfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from drydock import images
from drydock.core.command import PACKAGE_OF
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.machine.artifacts import machine_build
from drydock.machine.store import artifact_cache
from tests.architecture.tree import ROOT, files
from tests.machine_bundle import NAME, bundle_file

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
    *(f"locks/{n}.txt" for n in ("setup", "runtime")),
]
NO_FILES: Mapping[str, Path] = {}
_BEGIN = 'set -eu; export PATH="$PWD/.venv/bin:$PATH"; '
_BUILD = "drydock machine build"
_INSTALL = "drydock machine build --from machine.bundle"
_BENCH = "drydock machine bench --json --rounds 5"
_TEST = "python -m pytest -m 'live and not host' -p no:cacheprovider --durations=8 tests/drydock/machine/"
#: The packages of locks/dev.txt that these tests need.
_PYTEST = {
    "execnet",
    "hypothesis",
    "iniconfig",
    "pluggy",
    "pytest",
    "pytest-timeout",
    "pytest-xdist",
    "sortedcontainers",
}


@pytest.fixture
def client(host: Endpoint) -> Iterator[docker.DockerClient]:
    """A client of the host's daemon, patient enough for a build."""
    with closing(host.client(timeout=900)) as client:
        images.build(client, ["debian"])
        yield client


pytestmark = [pytest.mark.host, pytest.mark.live, pytest.mark.xdist_group("pod")]


@pytest.mark.nightly  # by day, tests/packaging boots a machine from a bundle as an ordinary user
@pytest.mark.timeout(1200)
def test_a_bundle_in_a_pod(client: docker.DockerClient) -> None:
    """As uid 1000 without any capability, a machine boots from a bundle and Docker works in it as it does elsewhere."""
    machine_build.find_or_build()
    output = in_a_pod(client, [_INSTALL, f"{_TEST}test_docker.py"], bundled())
    assert passed_count(output) > 0


@pytest.mark.nightly
@pytest.mark.timeout(2400)
def test_a_build_in_a_pod(client: docker.DockerClient) -> None:
    """There the machine can be built too, and passes all its tests."""
    output = in_a_pod(client, [_BUILD, _BENCH, _TEST])
    assert figures(output)["api_s"] > 0
    assert passed_count(output) > 0


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_a_compiled_kernel_in_a_pod(client: docker.DockerClient) -> None:
    """A kernel that was compiled here boots there, where no compiler is."""
    machine_build.find_or_build("compiled")
    assert figures(in_a_pod(client, [_INSTALL, _BENCH], bundled()))["run_s"] > 0


def bundled() -> dict[str, Path]:
    """Return a bundle of this computer's artifacts, under the name that it gets in the pod."""
    return {NAME: bundle_file()}


def passed_count(output: str) -> int:
    """Return how many tests passed in the pod."""
    passed = re.search(r"(\d+) passed", output)
    assert passed, "no test ran in the pod"
    return int(passed[1])


def in_a_pod(client: docker.DockerClient, commands: Sequence[str], more: Mapping[str, Path] = NO_FILES) -> str:
    """Run commands in a pod on a checkout with a few more files in it, and return the output; each must succeed."""
    container = client.containers.create(
        pod_image(client),
        ["sh", "-c", "\n".join([_BEGIN, *commands])],
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
        output = ""
        for chunk in container.logs(stream=True, follow=True):
            print(text := chunk.decode(errors="replace"), end="", flush=True)
            output += text
        code = container.wait()["StatusCode"]
        print(f"in the pod: {time.monotonic() - began:.0f} s")
    finally:
        container.remove(force=True, v=True)
    assert code == 0, "a command failed in the pod; its output is above"
    return output


def figures(output: str) -> dict[str, float]:
    """Return the machine's figures, which ``drydock machine bench --json`` printed among other output."""
    line = next(line for line in output.splitlines() if line.startswith('{"machine"'))
    machine: dict[str, float] = json.loads(line)["machine"]
    return machine


def pod_image(client: docker.DockerClient) -> str:
    """The pod's image, built unless one of the same content is there."""
    recipe = Path(__file__).with_name("Dockerfile")
    base = client.images.get(_BASE).id
    trusted = authorities()
    lock = pytest_lock()
    parts: list[str | bytes | Path] = [recipe, trusted, str(base), _PACKAGES, lock, *(ROOT / name for name in _SETUP)]
    tag = f"drydock/pod-for-tests:{artifact_cache.key(parts)}"
    if client.images.list(tag):
        return tag
    contents: list[tuple[str, Path | bytes]] = [("Dockerfile", recipe), *((name, ROOT / name) for name in _SETUP)]
    contents += [
        ("authorities.pem", trusted),
        ("locks/pytest.txt", lock.encode()),
        ("drydock/__init__.py", b""),
        ("autograder/__init__.py", b""),
    ]
    arguments = {"BASE": _BASE, "PACKAGES": _PACKAGES}
    options: dict[str, Any] = {"custom_context": True, "buildargs": arguments, "labels": {LABEL: "tests"}}
    began, lines = time.monotonic(), []
    context = io.BytesIO(packed(contents))
    for line in client.api.build(fileobj=context, tag=tag, rm=True, forcerm=True, decode=True, **options):
        lines.append(line.get("stream", line.get("error", "")))
        assert "error" not in line, "".join(lines[-60:])
    print(f"building {tag} took {time.monotonic() - began:.0f} s")
    return tag


def pytest_lock() -> str:
    """Return the lines of locks/dev.txt that install pytest; all of it would install browsers' drivers too."""
    blocks = re.split(r"\n(?=\S)", (ROOT / "locks" / "dev.txt").read_text())
    return "\n".join(block for block in blocks if block.partition("==")[0] in _PYTEST) + "\n"


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
