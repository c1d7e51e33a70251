"""The fields of a container's configuration, and of a command in a container."""

from __future__ import annotations

from drydock.machine.guest.proxy import identifiers
from drydock.machine.guest.proxy.host_config import host_config
from drydock.machine.guest.proxy.network_fields import NETWORKING
from drydock.machine.guest.proxy.request_scope import OWNER_LABEL, SUBMISSION
from drydock.machine.guest.proxy.strict_json import Json
from drydock.machine.guest.proxy.validators import (
    Place,
    Rule,
    boolean,
    ignored,
    integer,
    items,
    line,
    obj,
    optional,
    text,
    texts,
)


def words(value: Json, place: Place) -> Json:
    """Validate a command: a list of texts, or a single text."""
    return [text(value, place)] if isinstance(value, str) else texts(value, place)


_HEALTH_CHECK = {
    "Test": texts,
    **dict.fromkeys("Interval Timeout StartPeriod StartInterval Retries".split(), integer()),
}
_CONFIG: dict[str, Rule] = {
    "Image": identifiers.image,
    "Cmd": words,
    "Entrypoint": words,
    "Env": texts,
    "WorkingDir": text,
    "User": line,
    "Hostname": line,
    "Domainname": line,
    "MacAddress": identifiers.mac_address,
    "NetworkDisabled": boolean,
    "ExposedPorts": identifiers.ports,
    "Volumes": identifiers.paths,
    "Labels": identifiers.labels,
    "Healthcheck": obj(_HEALTH_CHECK),
    "StopSignal": identifiers.signal,
    "StopTimeout": integer(-1),
    "Shell": texts,
    "OnBuild": texts,
    "ArgsEscaped": boolean,
    **dict.fromkeys("AttachStdin AttachStdout AttachStderr OpenStdin StdinOnce Tty".split(), boolean),
}
_create = obj({**_CONFIG, "HostConfig": host_config, "NetworkingConfig": NETWORKING})


def create(value: Json, place: Place) -> Json:
    """Validate the body of ``POST /containers/create``; add the owner label."""
    valid = _create(value, place)
    given = valid.get("Labels")
    return {**valid, "Labels": {**(given if isinstance(given, dict) else {}), OWNER_LABEL: SUBMISSION}}


_console_size = items(integer(0, 10_000))
#: The body of ``POST /commit``.
COMMIT = optional(obj(_CONFIG), dict)
#: The body of ``POST /containers/{id}/exec``.
EXEC = obj(
    {
        "Cmd": words,
        "Env": texts,
        "User": line,
        "WorkingDir": text,
        "DetachKeys": line,
        "ConsoleSize": _console_size,
        # docker-py repeats here the container that the path names.
        "Container": ignored,
        **dict.fromkeys("AttachStdin AttachStdout AttachStderr Tty Detach".split(), boolean),
    }
)
#: The body of ``POST /exec/{id}/start``.
EXEC_START = obj({"Detach": boolean, "Tty": boolean, "ConsoleSize": _console_size})
