"""The few headers of a client that the daemon gets, each written anew.

Credentials are JSON in base64, so they are validated as fields. The other headers describe a session of BuildKit.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TypeAlias

from drydock.machine.guest.proxy import strict_json
from drydock.machine.guest.proxy.http_head import Head
from drydock.machine.guest.proxy.refusal import BAD_REQUEST, Refused
from drydock.machine.guest.proxy.request_scope import Scope
from drydock.machine.guest.proxy.validators import Place, Rule, line, mapping, matching, obj, text

Written: TypeAlias = "tuple[tuple[str, str], ...]"
HeaderRule: TypeAlias = "Callable[[Head, Scope], Written]"

#: Credentials for a registry.
AUTH = obj(
    {
        **dict.fromkeys("username email serveraddress".split(), line),
        **dict.fromkeys("password auth identitytoken registrytoken".split(), text),
    }
)
_SESSION = {
    "X-Docker-Expose-Session-Uuid": matching("[A-Za-z0-9_-]{1,64}", "an id"),
    "X-Docker-Expose-Session-Name": matching("[A-Za-z0-9_.:/@ -]{0,256}", "a name"),
    "X-Docker-Expose-Session-Sharedkey": matching("[A-Za-z0-9_.:/+=-]{0,256}", "a key"),
    "X-Docker-Expose-Session-Grpc-Method": matching("/[A-Za-z0-9_.]{1,100}/[A-Za-z0-9_]{1,100}", "a method"),
}


def registry_auth(head: Head, scope: Scope) -> Written:
    """Validate the credentials for one registry."""
    return _encoded("X-Registry-Auth", AUTH, head, scope)


def push_auth(head: Head, scope: Scope) -> Written:
    """Validate the credentials for a push, and write empty ones if there are none.

    The daemon reads the body then, as an older form of the request, and docker-py sends an empty object there.
    """
    return registry_auth(head, scope) or (("X-Registry-Auth", base64.urlsafe_b64encode(b"{}").decode()),)


def registry_config(head: Head, scope: Scope) -> Written:
    """Validate the credentials for several registries, by their addresses."""
    return _encoded("X-Registry-Config", mapping(line, AUTH), head, scope)


def session(head: Head, scope: Scope) -> Written:
    """Validate the headers of a BuildKit session."""
    return tuple(
        (name, rule(value, Place(f"the header {name}", scope)))
        for name, rule in _SESSION.items()
        for value in head.headers.get(name.lower(), ())
    )


def none(head: Head, scope: Scope) -> Written:
    """Return no header."""
    return ()


def _encoded(name: str, rule: Rule, head: Head, scope: Scope) -> Written:
    value = head.header(name)
    if not value:
        return ()
    try:
        # Clients use either alphabet; some leave out the padding.
        padded = value.translate(str.maketrans("+/", "-_")).rstrip("=")
        decoded = base64.b64decode(padded + "=" * (-len(padded) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise Refused(f"the header {name} is not base64", BAD_REQUEST) from None
    valid = rule(strict_json.read(decoded), Place(f"the header {name}", scope))
    return ((name, base64.urlsafe_b64encode(strict_json.write(valid)).decode()),)
