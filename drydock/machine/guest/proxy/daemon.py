"""The daemon behind the proxy, and the proxy's own questions to it."""

from __future__ import annotations

import json
import re
import socket
import time
from typing import Any

from drydock.machine.guest.proxy.http_head import NEWEST
from drydock.machine.guest.proxy.refusal import BAD_GATEWAY, Refused
from drydock.machine.guest.proxy.request_scope import GRADER, OWNER_LABEL, SUBMISSION, Container, Network, WorkFolder

_SECONDS, _LIMIT = 30, 16 << 20
#: Where a container of the grader has the proxy's socket mounted.
_SOCKET = "/var/run/docker.sock"
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")


class Daemon:
    """The daemon, on a socket that only root in the machine can reach."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._own: dict[str, Container] = {}
        self._execs: dict[str, str] = {}
        self._callers: dict[str, tuple[WorkFolder, ...]] = {}

    def connect(self, seconds: float = _SECONDS) -> socket.socket:
        """Return a new connection; the caller closes it."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(seconds)
        try:
            connection.connect(self._path)
        except OSError as error:
            connection.close()
            raise Refused(f"the Docker daemon can't be reached ({error.strerror})", BAD_GATEWAY) from None
        return connection

    def container(self, name: str) -> Container | None:
        """Return the container of this name or id, or None."""
        if name in self._own:
            return self._own[name]
        facts = self._inspect(f"/containers/{name}/json")
        if facts is None:
            return None
        container = Container(str(facts["Id"]), (facts["Config"].get("Labels") or {}).get(OWNER_LABEL, ""))
        if container.owner == SUBMISSION:  # neither the label nor the id can change
            self._own[container.id] = container
        return container

    def network(self, name: str) -> Network | None:
        """Return the network of this name or id, or None."""
        facts = self._inspect(f"/networks/{name}")
        return Network(str(facts["Name"]), str(facts["Driver"])) if facts else None

    def exec_container(self, exec_id: str) -> str | None:
        """Return the id of the container that a command runs in, or None."""
        if exec_id not in self._execs:
            facts = self._inspect(f"/exec/{exec_id}/json")
            if facts is None:
                return None
            self._execs[exec_id] = str(facts["ContainerID"])
        return self._execs[exec_id]

    def work_folders(self, container: str) -> tuple[WorkFolder, ...]:
        """Return the volumes that a container of the grader has mounted under their path in the machine.

        Raise :class:`Refused` for any other container.
        """
        if container not in self._callers:
            facts = self._inspect(f"/containers/{container}/json")
            if facts is None or not _is_the_graders(facts):
                raise Refused("only the notebook can use the Docker daemon")
            volumes = [mount for mount in facts["Mounts"] if mount["Type"] == "volume"]
            self._callers[container] = tuple(
                WorkFolder(str(volume["Name"]), str(volume["Source"]))
                for volume in volumes
                if volume["Source"] == volume["Destination"]
            )
        return self._callers[container]

    def _inspect(self, path: str) -> Any:
        """Return the daemon's JSON answer, None if there is no such object. HTTP/1.0 has no chunks."""
        version = ".".join(map(str, NEWEST))
        deadline = time.monotonic() + _SECONDS
        with self.connect() as connection:
            connection.sendall(f"GET /v{version}{path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode("ascii"))
            answer = bytearray()
            while received := connection.recv(64 << 10):
                answer += received
                if len(answer) > _LIMIT or time.monotonic() > deadline:
                    raise Refused("the Docker daemon's answer has no end", BAD_GATEWAY)
        head, _, body = bytes(answer).partition(b"\r\n\r\n")
        status = _STATUS.match(head)
        if status is None or status[1] not in (b"200", b"404"):
            raise Refused("the Docker daemon does not answer as usual", BAD_GATEWAY)
        return json.loads(body) if status[1] == b"200" else None


def _is_the_graders(facts: Any) -> bool:
    """Return whether a container is the grader's: by its label, and by its mount of the proxy's socket.

    The steps of a build by the legacy builder have the labels of the Dockerfile. Binds only the grader can make.
    """
    owner = (facts["Config"].get("Labels") or {}).get(OWNER_LABEL)
    mounts = [(mount["Type"], mount["Destination"]) for mount in facts.get("Mounts") or ()]
    return owner == GRADER and ("bind", _SOCKET) in mounts
