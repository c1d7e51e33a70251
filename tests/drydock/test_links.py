"""The address at which a browser reaches a container's published port."""

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
from drydock.machine.network.slirp import free_port
from tests.serving import served

_VARIABLES = ("VSCODE_PROXY_URI", "CODESPACE_NAME", "JUPYTERHUB_SERVICE_PREFIX", "DOCKER_HOST")
_SERVE = "echo a page > /tmp/index.html; exec httpd -f -p 80 -h /tmp"


@pytest.fixture(autouse=True)
def own_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment of a user's own computer: none of the variables of hubs, Codespaces and VS Code is set."""
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def container(host: Endpoint) -> Iterator[Container]:
    """A container that serves a page on port 80, which is published on a free port of this computer."""
    with closing(host.client()) as client:
        images.build(client, ["busybox"])
        container = start_server(client)
        yield container
        container.remove(force=True)


def start_server(client: docker.DockerClient) -> Container:
    """Start the container."""
    ports: Any = {"80/tcp": ("127.0.0.1", None)}
    labels = {LABEL: "tests"}
    return client.containers.run("drydock/busybox:1.37", ["sh", "-c", _SERVE], detach=True, ports=ports, labels=labels)


def get_page(address: str) -> str:
    """Return the page at an address; empty while there is none."""
    try:
        response = requests.get(address, timeout=5)
    except requests.RequestException:
        return ""
    return response.text if response.ok else ""


@pytest.mark.host
def test_own_computer(container: Container) -> None:
    """On the user's own computer the link is the published port, and the page is there."""
    link = drydock.link(container, 80)
    assert wait_for(lambda: get_page(str(link)), "the page", seconds=60) == "a page\n"
    assert f'href="{link}"' in link._repr_html_()


@pytest.mark.host
def test_hub(container: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a hub's prefix the page is reached through a real Jupyter server with jupyter-server-proxy."""
    port, token = free_port(), secrets.token_hex(8)
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    folders = {"JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"]
    command += [
        f"--IdentityProvider.token={token}",
        "--ServerApp.base_url=/user/ada/",
        f"--ServerApp.root_dir={tmp_path}",
    ]
    server, link = f"http://127.0.0.1:{port}", drydock.link(container, "80/tcp")
    with served(command, f"{server}/user/ada/", tmp_path / "log", env=os.environ | folders):
        page = wait_for(lambda: get_page(f"{server}{link}?token={token}"), "the page", seconds=60)
    assert page == "a page\n"


@pytest.mark.host
def test_unpublished_port(container: Container) -> None:
    """The error for an unpublished port lists the published ones; an exited container has none."""
    with pytest.raises(PortNotPublished, match="Published ports: 80/tcp"):
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
def test_address_in_each_environment(variables: dict[str, str], address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address follows the variables that hubs, Codespaces and VS Code set for kernels."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert links.browser_address("127.0.0.1", 8500) == address


@pytest.mark.parametrize(
    ("docker_host", "host_ip", "host"),
    [
        ("", "0.0.0.0", "127.0.0.1"),
        ("unix:///var/run/docker.sock", "127.0.0.1", "127.0.0.1"),
        ("tcp://127.0.0.1:4000", "::", "127.0.0.1"),
        ("tcp://localhost:4000", "0.0.0.0", "127.0.0.1"),
        ("tcp://127.0.0.1:4000", "127.0.0.2", "127.0.0.2"),
        ("", "::1", "::1"),
        ("tcp://big.example:2376", "0.0.0.0", "big.example"),
        ("ssh://me@big.example", "", "big.example"),
        ("unix:///var/run/docker.sock", "192.0.2.7", "192.0.2.7"),
    ],
)
def test_host_of_a_port(docker_host: str, host_ip: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port is on the daemon's computer, unless it is published on a single address."""
    monkeypatch.setenv("DOCKER_HOST", docker_host)
    assert links._host(host_ip) == host
