"""An endpoint of the Engine API: its path, and its parameters, fields and headers that the daemon may get.

In a path, ``{own}`` is a container of the submission, ``{any}`` one that is only looked at, ``{exec}`` a command in a
container of the submission, and ``{network}`` a network that containers may join.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from drydock.machine.guest.proxy import headers
from drydock.machine.guest.proxy.identifiers import IMAGE, NAME
from drydock.machine.guest.proxy.query import Parameter
from drydock.machine.guest.proxy.refusal import Refused
from drydock.machine.guest.proxy.request_scope import Scope
from drydock.machine.guest.proxy.validators import Rule

_ID = "[0-9a-f]{64}"
_PATTERNS = {"own": NAME, "any": NAME, "network": NAME, "volume": NAME, "exec": _ID, "image": IMAGE}
#: Variables of a path that are looked up; the others are only validated.
_LOOKUPS: Mapping[str, Callable[[Scope, str], str]] = {
    "own": Scope.own_container,
    "exec": Scope.own_exec,
    "network": Scope.network,
}


def _as_read(scope: Scope, text: str) -> str:
    return text


class Endpoint(NamedTuple):
    """A method, a path, and everything that the daemon may get with them.

    With ``upload`` the body is an archive, which passes as a stream. A connection with ``upgrade`` becomes a stream of
    that protocol when the daemon has answered; ``must_upgrade`` says that it is of no use otherwise.
    """

    method: str
    path: str
    query: Mapping[str, Parameter] = {}
    body: Rule | None = None
    upload: bool = False
    upgrade: str = ""
    must_upgrade: bool = False
    headers: headers.HeaderRule = headers.none


class Match(NamedTuple):
    """An endpoint, and the variables of its path."""

    endpoint: Endpoint
    variables: Mapping[str, str]

    def path(self, scope: Scope) -> str:
        """Return the path for the daemon, with full ids and names."""
        names = {kind: _LOOKUPS.get(kind, _as_read)(scope, text) for kind, text in self.variables.items()}
        return self.endpoint.path.format(**names)


class Table:
    """All endpoints that a submission may use."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._rows = [(_compiled(endpoint.path), endpoint) for endpoint in endpoints]

    def find(self, method: str, path: str) -> Match:
        """Return the endpoint of a request; raise :class:`Refused` if there is none."""
        for pattern, endpoint in self._rows:
            match = pattern.fullmatch(path) if method == endpoint.method else None
            if match:
                return Match(endpoint, match.groupdict())
        raise Refused(f"{method} {path[:200]} is not an endpoint that assignments need")


def _compiled(path: str) -> re.Pattern[str]:
    """Return the pattern of a path such as ``/containers/{own}/start``."""
    return re.compile(re.sub(r"\{(\w+)\}", lambda match: f"(?P<{match[1]}>{_PATTERNS[match[1]]})", path))
