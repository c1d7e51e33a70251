"""A request from the proxy to the daemon."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from drydock.machine.guest.proxy.request_scope import WorkFolder


class DaemonRequest(NamedTuple):
    """A request made of valid values.

    With ``upload``, the body follows as a stream of chunks. With ``hijack``, the connection becomes a stream of another
    protocol, for which the client may ask with the name in ``upgrade``. ``folders`` must exist before the daemon gets
    the request.
    """

    method: str
    version: tuple[int, int]
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    upload: bool = False
    hijack: bool = False
    upgrade: str = ""
    folders: tuple[tuple[WorkFolder, str], ...] = ()

    def to_bytes(self) -> bytes:
        """Return the head and, unless it follows as a stream, the body. A connection is used for one request only."""
        target = f"/v{self.version[0]}.{self.version[1]}{self.path}"
        query = f"?{urlencode(self.query)}" if self.query else ""
        lines = [f"{self.method} {target}{query} HTTP/1.1", "Host: docker"]
        lines += ["Connection: Upgrade", f"Upgrade: {self.upgrade}"] if self.upgrade else ["Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.upload:
            lines += ["Content-Type: application/x-tar", "Transfer-Encoding: chunked"]
        elif self.body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        elif self.method in ("POST", "PUT"):
            lines += ["Content-Length: 0"]
        return "\r\n".join([*lines, "", ""]).encode("ascii") + (self.body or b"")
