"""What a daemon in a graded machine may be asked, written down a second time and apart from the proxy.

A test says of a request that arrived what is wrong with it, whatever the proxy thought of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.drydock.machine.guest.proxy.recording_daemon import Received
from tests.drydock.machine.guest.proxy.requests_of import KERNEL, OWN

_HEADERS = {
    "Host", "Connection", "Content-Type", "Content-Length", "Transfer-Encoding", "Upgrade", "X-Registry-Auth",
    "X-Registry-Config",
    "X-Docker-Expose-Session-Uuid",
}  # fmt: skip
_NEVER = {
    "Privileged", "Annotations", "Devices", "DeviceRequests", "DeviceCgroupRules", "CgroupParent", "Cgroup",
    "UsernsMode", "UTSMode",
    "MaskedPaths", "ReadonlyPaths", "StorageOpt", "OomKillDisable", "Capabilities", "NewThing", "DriverOpts",
    "ConfigOnly", "Ingress",
    "ConfigFrom",
}  # fmt: skip
_DEFAULT_CAPABILITIES = {"CHOWN", "NET_BIND_SERVICE"}
_TOUCHES = re.compile(rf"/containers/(?!{OWN}(?:/|$))(?!create$|prune$)")
_READS = re.compile(r"/containers/([^/]+/(json|logs|top|stats)|json)$")


def violations(received: Received) -> list[str]:
    """Return what is wrong with a request that the daemon received."""
    return list(_violations(received))


def _violations(received: Received) -> Iterator[str]:
    path = re.sub(r"^/v1\.[0-9]{2}(?=/)", "", received.path)
    if not re.fullmatch(r"(?:/[A-Za-z0-9_.:@-]+)+", path) or {".", ".."} & set(path.split("/")):
        yield f"the path {received.path}"
    if unknown := {name for name, _ in received.headers} - _HEADERS:
        yield f"the headers {unknown}"
    if ("Host", "docker") not in received.headers:
        yield "the host"
    if _TOUCHES.match(path) and not (received.method == "GET" and _READS.fullmatch(path)):
        yield f"{received.method} {path}"
    if re.match("/(swarm|plugins|services|nodes|secrets|configs)", path):
        yield path
    for name, value in received.query:
        if (name, value) == ("networkmode", "host") or name in ("remote", "cgroupparent") or KERNEL[:12] in value:
            yield f"{name}={value}"
    if path == "/containers/prune" and "io.drydock.owner=submission" not in dict(received.query).get("filters", ""):
        yield "a prune of all containers"
    if "Upgrade" not in dict(received.headers) and not re.search("/(attach|start)$", path) and received.rest:
        yield f"a second request {received.rest!r}"
    if ("Content-Type", "application/json") in received.headers:
        yield from _fields(json.loads(received.body))
        yield from _container(json.loads(received.body), path)


def _fields(value: Any, place: str = "") -> Iterator[str]:
    """Yield each field, wherever it is, that must never arrive."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in _NEVER or (not name.isascii() and "Labels" not in place):
                yield f"{place}.{name}"
            yield from _fields(part, f"{place}.{name}")
    if isinstance(value, list):
        for part in value:
            yield from _fields(part, place)
    if isinstance(value, str) and (value == "host" or KERNEL[:12] in value):
        yield f"{place}: {value}"


def _container(body: Any, path: str) -> Iterator[str]:
    if path != "/containers/create":
        return
    host = body.get("HostConfig", {})
    if body.get("Labels", {}).get("io.drydock.owner") != "submission":
        yield "a container without an owner"
    if not set(host.get("CapAdd", [])) <= _DEFAULT_CAPABILITIES:
        yield "capabilities"
    if [option for option in host.get("SecurityOpt", []) if not option.startswith("no-new-privileges")]:
        yield "security options"
    for bind in host.get("Binds", []):
        if not re.fullmatch(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]*:)?/[^:]*(?::[a-z,]+)?", bind, re.DOTALL):
            yield f"the bind {bind!r}"
    for mount in host.get("Mounts", []):
        options = mount.get("VolumeOptions", {})
        subpath = options.get("Subpath", "")
        escapes = subpath.startswith("/") or (mount.get("Source") == "work-1" and ".." in subpath.split("/"))
        if (
            mount["Type"] not in ("volume", "tmpfs")
            or "/" in mount.get("Source", "")
            or escapes
            or options.get("DriverConfig")
        ):
            yield f"the mount {mount}"
