"""``drydock.link(container, 80)``: where a browser finds what a container serves, wherever this notebook runs.

On one's own computer that is the published port itself. On a hub and on Binder the browser is elsewhere, and only
Jupyter's own address leads in: jupyter-server-proxy passes on what comes to ``…/proxy/PORT/``. So it is where Jupyter
was told to answer below a path. VS Code in a browser and
Codespaces have an address for each port.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docker.models.containers import Container

from drydock.errors import PortNotPublished

#: What a published port is bound to when it is bound to no address in particular.
_EVERYWHERE = ("", "0.0.0.0", "::")


@dataclass(frozen=True)
class Link:
    """An address for a browser; a notebook shows it as a link. On a hub it begins with the path and not with a host."""

    address: str

    def __str__(self) -> str:
        return self.address

    def _repr_html_(self) -> str:
        address = escape(self.address)
        return f'<a href="{address}" target="_blank" rel="noopener">{address}</a>'


def link(container: Container, port: int | str) -> Link:
    """Where a browser finds the container's ``port``, which must be published; raises :class:`PortNotPublished`."""
    container.reload()
    published: Mapping[str, Any] = container.attrs["NetworkSettings"]["Ports"]
    wanted = port if isinstance(port, str) and "/" in port else f"{port}/tcp"
    bound = published.get(wanted) or []
    if not bound or not wanted.endswith("/tcp"):
        raise PortNotPublished(str(container.name), wanted, [name for name, there in published.items() if there])
    return Link(address(_host(bound[0]["HostIp"]), int(bound[0]["HostPort"])))


def address(host: str, port: int) -> str:
    """The address that leads from a browser to a port of ``host``, as seen from this process."""
    if host != "127.0.0.1":  # nobody leads there but the network itself
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    if proxy := os.environ.get("VSCODE_PROXY_URI"):
        return proxy.replace("{{port}}", str(port))
    if codespace := os.environ.get("CODESPACE_NAME"):
        domain = os.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.github.dev")
        return f"https://{codespace}-{port}.{domain}/"
    if prefix := os.environ.get("JUPYTERHUB_SERVICE_PREFIX") or _below():
        return f"{prefix.rstrip('/')}/proxy/{port}/"
    return f"http://{host}:{port}/"


def _below() -> str:
    """The path that this kernel's Jupyter was told to stay below, as behind a proxy; empty where it was told none.

    Its server notes it in a file, beside those that its kernels are reached by.
    """
    with suppress(KeyError, RuntimeError, OSError, ValueError):  # no kernel, or one that a server elsewhere started
        server = os.environ["JPY_PARENT_PID"]
        from ipykernel.connect import get_connection_file

        note = Path(get_connection_file()).with_name(f"jpserver-{server}.json")
        return str(json.loads(note.read_text())["base_url"]).rstrip("/")
    return ""


def _host(bound: str) -> str:
    """The computer that a port was published on: this one, unless the daemon is elsewhere or was told an address."""
    daemon = urlsplit(os.environ.get("DOCKER_HOST", ""))
    there = daemon.hostname if daemon.scheme in ("tcp", "https", "http", "ssh") and daemon.hostname else "127.0.0.1"
    if bound in _EVERYWHERE or bound.startswith("127.") or bound == "::1":
        return "127.0.0.1" if there == "localhost" else there
    return bound
