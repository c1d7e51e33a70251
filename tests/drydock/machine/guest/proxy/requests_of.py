"""Requests as clients write them, and what becomes of them where the daemon knows a few containers and networks."""

from __future__ import annotations

import json
from typing import Any

from drydock.machine.guest.proxy import http_head
from drydock.machine.guest.proxy.authorization import TABLE, authorize
from drydock.machine.guest.proxy.daemon_request import DaemonRequest
from drydock.machine.guest.proxy.request_scope import Container, Network, Scope, WorkFolder

OWN, KERNEL = "ab" * 32, "4f" * 32
#: A command in a container of the submission, and one in a container of the grader's.
OWN_EXEC, KERNEL_EXEC = "0e" * 32, "1e" * 32
WORK = WorkFolder("work-1", "/var/lib/docker/volumes/work-1/_data")


class KnownDaemon:
    """A daemon with one container of each kind, and one network of each driver."""

    _containers = (("mine", Container(OWN, "submission")), ("kernel-1", Container(KERNEL, "autograder")))
    _networks = (Network("back", "bridge"), Network("host", "host"), Network("card", "macvlan"))

    def container(self, name: str) -> Container | None:
        """Return the container of this name or of an id that begins so."""
        return next(
            (container for known, container in self._containers if name == known or container.id.startswith(name)), None
        )

    def network(self, name: str) -> Network | None:
        """Return the network whose name begins so, as ids may be shortened."""
        return next((network for network in self._networks if network.name.startswith(name)), None)

    def exec_container(self, exec_id: str) -> str | None:
        """Return the container of one of the two commands."""
        return {OWN_EXEC: OWN, KERNEL_EXEC: KERNEL}.get(exec_id)


def scope() -> Scope:
    """Return the scope of a request of the notebook's."""
    return Scope(KnownDaemon(), (WORK,))


def authorized(method: str, target: str, body: Any = None, headers: str = "") -> DaemonRequest:
    """Return what the daemon gets for a request; ``body`` is a value, or the bytes that stand for one."""
    head = http_head.parse(f"{method} {target} HTTP/1.1\r\nHost: docker\r\n{headers}\r\n".encode())
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return authorize(TABLE.find(head.method, head.path), head, raw, scope())


def target_of(request: DaemonRequest) -> tuple[str, str]:
    """Return the method, and the path with the query, not encoded, that the daemon gets."""
    query = "&".join(f"{name}={value}" for name, value in request.query)
    return request.method, f"{request.path}?{query}" if query else request.path


def created(**body: Any) -> dict[str, Any]:
    """Return the body that the daemon gets for a new container."""
    request = authorized("POST", "/v1.45/containers/create", {"Image": "drydock/busybox:1.37", **body})
    value: dict[str, Any] = json.loads(request.body or b"null")
    return value


def host_config(**host: Any) -> dict[str, Any]:
    """Return the ``HostConfig`` that the daemon gets."""
    value: dict[str, Any] = created(HostConfig=host)["HostConfig"]
    return value
