"""Where a browser finds what a container serves."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
from docker.models.containers import Container

import drydock
from drydock import images, links
from drydock.core.endpoint import Endpoint
from drydock.core.paths import LABEL
from drydock.core.waiting import wait_for
from drydock.errors import PortNotPublished
from drydock.machine.network.portfwd import free_port
from tests.serving import served

_ELSEWHERE = ("VSCODE_PROXY_URI", "CODESPACE_NAME", "JUPYTERHUB_SERVICE_PREFIX", "DOCKER_HOST")
_SERVES = "echo a page > /tmp/index.html; exec httpd -f -p 80 -h /tmp"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment says that this is anything but one's own computer."""
    for name in _ELSEWHERE:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def container(host: Endpoint) -> Iterator[Container]:
    """A container that serves a page on port 80, published on a free one of this computer."""
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        made = serve(client)
        yield made
        made.remove(force=True)


def serve(client: docker.DockerClient) -> Container:
    """Start it."""
    ports: Any = {"80/tcp": ("127.0.0.1", None)}
    labels = {LABEL: "tests"}
    return client.containers.run("drydock/busybox:1.37", ["sh", "-c", _SERVES], detach=True, ports=ports, labels=labels)


def page(address: str) -> str:
    """What a browser would get there once it's served; nothing before."""
    try:
        answer = requests.get(address, timeout=5)
    except requests.RequestException:
        return ""
    return answer.text if answer.ok else ""


@pytest.mark.host
def test_on_ones_own_computer(container: Container) -> None:
    """The link is the published port itself, and there is the page."""
    found = drydock.link(container, 80)
    assert wait_for(lambda: page(str(found)), "the page", seconds=20) == "a page\n"
    assert f'href="{found}"' in found._repr_html_()


@pytest.mark.host
def test_on_a_hub(container: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the hub's prefix, through a real Jupyter server with the proxy that our environment brings, is the page."""
    port, token = free_port(), secrets.token_hex(8)
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    own = {"JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    words = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"]
    words += [
        f"--IdentityProvider.token={token}",
        "--ServerApp.base_url=/user/ada/",
        f"--ServerApp.root_dir={tmp_path}",
    ]
    ours, found = f"http://127.0.0.1:{port}", drydock.link(container, "80/tcp")
    with served(words, f"{ours}/user/ada/", tmp_path / "log", env=os.environ | own):
        assert wait_for(lambda: page(f"{ours}{found}?token={token}"), "the page", seconds=20) == "a page\n"


@pytest.mark.host
def test_a_port_without_a_door(container: Container) -> None:
    """What isn't published is told with what is, and so is a container that has ended."""
    with pytest.raises(PortNotPublished, match="published are: 80/tcp"):
        drydock.link(container, 81)
    container.kill()
    with pytest.raises(PortNotPublished, match="80/tcp"):
        drydock.link(container, 80)


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, "http://127.0.0.1:8500/"),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}, "/user/ada/proxy/8500/"),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/"}, "/proxy/8500/"),
        ({"CODESPACE_NAME": "odd-fish"}, "https://odd-fish-8500.app.github.dev/"),
        ({"VSCODE_PROXY_URI": "https://code.example/proxy/{{port}}/"}, "https://code.example/proxy/8500/"),
    ],
)
def test_each_place_has_its_address(variables: dict[str, str], address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As hubs, Codespaces and VS Code tell it in the environment of a kernel."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert links.address("127.0.0.1", 8500) == address


@pytest.mark.parametrize(
    ("daemon", "bound", "host"),
    [
        ("", "0.0.0.0", "127.0.0.1"),
        ("unix:///var/run/docker.sock", "127.0.0.1", "127.0.0.1"),
        ("tcp://127.0.0.1:4000", "::", "127.0.0.1"),
        ("tcp://big.example:2376", "0.0.0.0", "big.example"),
        ("ssh://me@big.example", "", "big.example"),
        ("unix:///var/run/docker.sock", "192.0.2.7", "192.0.2.7"),
    ],
)
def test_a_daemon_may_be_elsewhere(daemon: str, bound: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port is where its daemon is, unless it was published on an address of its own."""
    monkeypatch.setenv("DOCKER_HOST", daemon)
    assert links._host(bound) == host
