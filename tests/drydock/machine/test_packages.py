"""Popular packages of Debian and of Python are installed by builds in a machine, as students' Dockerfiles do."""

from __future__ import annotations

import io
import secrets
import ssl
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest

from drydock.core.paths import LABEL
from drydock.core.tar_member import add_bytes
from drydock.machine import Machine
from tests.machines import MINE, PYTHON

pytestmark = [pytest.mark.live, pytest.mark.nightly]

DEBIAN = "drydock/debian:13"
#: Packages that tutorials install, each with a command that shows that it works.
APT = {
    "curl": "curl --version",
    "git": "git --version",
    "vim-tiny": "vi --version",
    "nginx-light": "nginx -v",
    "openssh-client": "ssh -V",
    "build-essential": "gcc --version",
    "default-jre-headless": "java -version",
    "nodejs": "node --version",
    "redis-server": "redis-server --version",
    "ffmpeg": "ffmpeg -version",
}
#: The same for pip, with the module that is imported.
PIP = {
    "requests": "requests",
    "flask": "flask",
    "numpy": "numpy",
    "pandas": "pandas",
    "fastapi": "fastapi",
    "uvicorn": "uvicorn",
    "sqlalchemy": "sqlalchemy",
    "pyyaml": "yaml",
    "pytest": "pytest",
    "redis": "redis",
}


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    """A client of a machine with memory and disk for large packages."""
    with Machine(memory_mb=1536) as machine, closing(machine.client(timeout=600)) as client:
        yield client


@pytest.mark.timeout(900)
@pytest.mark.parametrize("package", APT)
def test_apt_installs(client: docker.DockerClient, package: str) -> None:
    """``apt-get install`` works FROM drydock/debian, its scripts included, and the program starts."""
    install = f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {package} && {APT[package]}"
    _build(client, f"FROM {DEBIAN}\nENV DEBIAN_FRONTEND=noninteractive\nRUN {install}\n")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("package", PIP)
def test_pip_installs(client: docker.DockerClient, package: str) -> None:
    """``pip install`` works FROM drydock/python, without further options, and the module can be imported."""
    install = f"pip install --no-cache-dir {package} && python -c 'import {PIP[package]}'"
    # The network of this computer may have a certificate authority of its own, which pip must know.
    _build(client, f"FROM {PYTHON}\nCOPY ca.pem /ca.pem\nENV PIP_CERT=/ca.pem\nRUN {install}\n")


def _build(client: docker.DockerClient, dockerfile: str) -> None:
    """Build an image without cache and remove it; the build's error has the output of the step that failed."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        add_bytes(archive, "Dockerfile", dockerfile.encode())
        add_bytes(archive, "ca.pem", _authorities())
    context.seek(0)
    tag = f"tests/packages:{secrets.token_hex(4)}"
    output: list[str] = []
    for line in client.api.build(
        fileobj=context, custom_context=True, tag=tag, nocache=True, rm=True, forcerm=True, decode=True,
        labels={LABEL: MINE[LABEL]},
    ):  # fmt: skip
        output.append(str(line.get("stream", "")))
        assert "error" not in line, "".join(output[-30:]) + str(line["error"])
    client.images.remove(tag, force=True)


def _authorities() -> bytes:
    """Return the certificates that this computer trusts."""
    return Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt").read_bytes()
