"""The authorization of a request: the head and body of a client's request in, a new request out.

No byte of the client is kept. Each value is read once, by the rule for its name, and :class:`.DaemonRequest` writes it
anew.
"""

from __future__ import annotations

import re

from drydock.machine.guest.proxy import container_endpoints, image_endpoints, query, strict_json, system_endpoints
from drydock.machine.guest.proxy.api_endpoint import Match, Table
from drydock.machine.guest.proxy.daemon_request import DaemonRequest
from drydock.machine.guest.proxy.http_head import NEWEST, Head
from drydock.machine.guest.proxy.refusal import BAD_REQUEST, Refused
from drydock.machine.guest.proxy.request_scope import Scope
from drydock.machine.guest.proxy.validators import Place

TABLE = Table((*system_endpoints.ENDPOINTS, *container_endpoints.ENDPOINTS, *image_endpoints.ENDPOINTS))
#: A body without content, which some clients send to endpoints that have no body.
_NO_BODY = re.compile(rb"(?:\{\s*\}|null)?")


def authorize(match: Match, head: Head, body: bytes, scope: Scope) -> DaemonRequest:
    """Return the request for the daemon; raise :class:`Refused` for anything that has no rule.

    ``body`` is empty if the body follows as a stream.
    """
    endpoint = match.endpoint
    place = Place("", scope)
    request = DaemonRequest(
        endpoint.method,
        # Older versions have no subpaths of volumes.
        NEWEST if endpoint.path == "/containers/create" else head.version,
        match.path(scope),
        query.validate(head.query, endpoint.query, place),
        endpoint.headers(head, scope),
        _body(match, body, place),
        endpoint.upload,
        bool(endpoint.upgrade),
        _upgrade(match, head),
    )
    return request._replace(folders=tuple(scope.missing))


def _body(match: Match, body: bytes, place: Place) -> bytes | None:
    rule = match.endpoint.body
    if match.endpoint.upload:
        return None
    if rule is None:
        if not _NO_BODY.fullmatch(body.strip()):
            raise Refused(f"{match.endpoint.method} {match.endpoint.path} has no body", BAD_REQUEST)
        return None
    return strict_json.write(rule(strict_json.read(body or b"null"), place))


def _upgrade(match: Match, head: Head) -> str:
    """Return the protocol that the client asks for, if the endpoint has it."""
    asked = head.header("Upgrade")
    if not asked and not match.endpoint.must_upgrade:
        return ""
    if asked.lower() != match.endpoint.upgrade or "upgrade" not in head.header("Connection").lower():
        raise Refused("the connection can't be upgraded to this protocol here", BAD_REQUEST)
    return match.endpoint.upgrade
