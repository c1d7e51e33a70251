"""``drydock.link(container, 80)``: the address at which a browser reaches a container's published port.

On the user's own computer that is the published port itself. On a hub, on Binder, and behind a proxy where Jupyter has
a base URL, only Jupyter's address can be reached: jupyter-server-proxy forwards ``…/proxy/PORT/``. VS Code in a browser
and Codespaces have an address for each port.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drydock.core.socket_address import before_port
from drydock.errors import PortNotPublished
from drydock.machine.container_preflight import conflicts, machine_folder

if TYPE_CHECKING:
    from docker.models.containers import Container

#: The host addresses of a port that is published on all addresses.
_ALL_ADDRESSES = ("", "0.0.0.0", "::")


@dataclass(frozen=True)
class Link:
    """An address that a notebook shows as a link; on a hub it has only a path, relative to the hub's host."""

    address: str

    def __str__(self) -> str:
        return self.address

    def _repr_html_(self) -> str:
        address = escape(self.address)
        return f'<a href="{address}" target="_blank" rel="noopener">{address}</a>'


def link(container: Container, port: int | str) -> Link:
    """Return the link to a container's published port (80 or "80/tcp").

    Raises :class:`PortNotPublished`, or :class:`PortTaken` where a program of this computer has a machine's port.
    """
    container.reload()
    ports: Mapping[str, Any] = container.attrs["NetworkSettings"]["Ports"]
    name = port if isinstance(port, str) and "/" in port else f"{port}/tcp"
    bindings = ports.get(name) or []
    if not bindings or not name.endswith("/tcp"):
        published = [other for other, other_bindings in ports.items() if other_bindings]
        raise PortNotPublished(str(container.name), name, published)
    host, host_port = _host(bindings[0]["HostIp"]), int(bindings[0]["HostPort"])
    _check_forward(container, host, host_port)
    return Link(browser_address(host, host_port))


def _check_forward(container: Container, host: str, host_port: int) -> None:
    """Raise :class:`PortTaken` if the link would lead to a program of this computer."""
    certificate, _ = getattr(container.client.api, "cert", None) or (None, None)  # type: ignore[union-attr]
    folder = machine_folder(certificate and Path(certificate).parent)
    for error in conflicts(folder, [host_port], host) if folder else ():
        raise error


def browser_address(host: str, port: int) -> str:
    """Return the address at which a browser reaches a port of ``host``, which this process reaches directly."""
    if host != "127.0.0.1":  # another computer, for which there is no proxy
        return f"http://{before_port(host)}:{port}/"
    if proxy := os.environ.get("VSCODE_PROXY_URI"):
        return proxy.replace("{{port}}", str(port))
    if codespace := os.environ.get("CODESPACE_NAME"):
        domain = os.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.github.dev")
        return f"https://{codespace}-{port}.{domain}/"
    if prefix := os.environ.get("JUPYTERHUB_SERVICE_PREFIX") or _base_url():
        return f"{prefix.rstrip('/')}/proxy/{port}/"
    return f"http://{host}:{port}/"


def _base_url() -> str:
    """Return the base URL of the Jupyter server that started this kernel, without a slash at its end.

    The server writes it into a file beside its kernels' connection files.
    """
    with suppress(KeyError, RuntimeError, OSError, ValueError):  # no kernel, or a server on another computer started it
        server = os.environ["JPY_PARENT_PID"]
        from ipykernel.connect import get_connection_file

        file = Path(get_connection_file()).with_name(f"jpserver-{server}.json")
        return str(json.loads(file.read_text(encoding="utf-8"))["base_url"]).rstrip("/")
    return ""


def _host(host_ip: str) -> str:
    """Return the host with a published port: the daemon's, or the single address on which the port is published."""
    daemon = urlsplit(os.environ.get("DOCKER_HOST", ""))
    remote = daemon.scheme in ("tcp", "https", "http", "ssh") and daemon.hostname not in (None, "", "localhost")
    if remote and daemon.hostname != "127.0.0.1":
        is_hosts_own = host_ip in _ALL_ADDRESSES or host_ip.startswith("127.") or host_ip == "::1"
        return str(daemon.hostname) if is_hosts_own else host_ip
    return "127.0.0.1" if host_ip in _ALL_ADDRESSES else host_ip
