"""Rules for names, image references, ports, labels, and paths inside containers."""

from __future__ import annotations

import re

from drydock.machine.guest.proxy.request_scope import OWNER_LABEL
from drydock.machine.guest.proxy.strict_json import Json
from drydock.machine.guest.proxy.validators import EMPTY, Place, line, mapping, matching, obj, optional

#: A name as the daemon gives it to containers, volumes and networks.
NAME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}"
_PART = r"[a-zA-Z0-9][a-zA-Z0-9_.-]*"
#: A reference to an image: repository, tag, digest, or id.
IMAGE = rf"{_PART}(?::[0-9]+)?(?:/{_PART})*(?::[a-zA-Z0-9_.-]+)?(?:@sha256:[0-9a-f]{{64}})?"
_PORT = r"[0-9]{1,5}(?:-[0-9]{1,5})?"

name = matching(NAME, "a name of letters, digits, '_', '.' and '-'")
volume = name
image = matching(IMAGE, "a reference to an image")
#: A path inside a container; the runtime resolves it there.
container_path = matching(r"/[^\x00]*", "an absolute path")
port = matching(rf"{_PORT}(?:/(?:tcp|udp|sctp))?", "a port such as 80/tcp")
signal = matching(r"[A-Za-z0-9+-]{0,20}", "the name or number of a signal")
mac_address = matching(r"(?:[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5})?", "a MAC address")

#: A set, which the Engine API writes as an object with empty values.
nothing = optional(obj(EMPTY), dict)
ports = mapping(port, nothing)
paths = mapping(container_path, nothing)
_labels = mapping(matching(r"[^\x00]+", "the name of a label"), matching(r"[^\x00]*", "a text"))


def labels(value: Json, place: Place) -> dict[str, Json]:
    """Validate labels; leave out the owner label, which only the proxy sets."""
    return {name: text for name, text in _labels(value, place).items() if name != OWNER_LABEL}


def own_container(value: Json, place: Place) -> str:
    """Validate the name or id of a container of the submission; the daemon gets its full id."""
    asked = line(value, place).removeprefix("/")
    if not re.fullmatch(NAME, asked):
        raise place.invalid("the name of a container")
    return place.scope.own_container(asked)
