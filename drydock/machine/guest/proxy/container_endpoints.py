"""The endpoints of containers and of commands in them."""

from __future__ import annotations

from drydock.machine.guest.proxy.api_endpoint import Endpoint
from drydock.machine.guest.proxy.container_fields import EXEC, EXEC_START, create
from drydock.machine.guest.proxy.host_config import UPDATE
from drydock.machine.guest.proxy.identifiers import container_path, name, signal
from drydock.machine.guest.proxy.query import by, dropped, filters, flag, number, only, own_filters, word
from drydock.machine.guest.proxy.validators import Place, matching

#: A point in time: a date, seconds since 1970, or a duration such as 10m.
TIME = by(matching(r"[0-9A-Za-z.:+-]{0,64}", "a time"))
PLATFORM = by(matching(r"[a-z0-9/_.-]{0,64}", "a platform such as linux/amd64"))
_PS = by(matching("[A-Za-z0-9,= -]{0,100}", "options of ps"))
_TAIL = by(matching("all|[0-9]{0,18}", "a number of lines, or all"))
_SECONDS = number(-1, 100_000)
_SIZE = {"h": number(0, 10_000), "w": number(0, 10_000)}
_ARCHIVE = {"path": by(container_path)}
_LIST = {
    **dict.fromkeys(("all", "size"), flag),
    "limit": number(-1),
    "filters": filters,
    **dict.fromkeys(("since", "before"), word),
    "trunc_cmd": dropped,
}
_LOGS = {
    **dict.fromkeys(("stdout", "stderr", "follow", "timestamps", "details"), flag),
    **dict.fromkeys(("since", "until"), TIME),
    "tail": _TAIL,
}
_ATTACH = {**dict.fromkeys(("stream", "stdin", "stdout", "stderr", "logs"), flag), "detachKeys": word}


def _name(value: str, place: Place) -> str:
    """Validate the name of a new container; it may begin with a slash."""
    return name(value.removeprefix("/"), place)


ENDPOINTS = (
    Endpoint("GET", "/containers/json", _LIST),
    Endpoint("POST", "/containers/create", {"name": _name, "platform": PLATFORM}, create),
    Endpoint("POST", "/containers/prune", {"filters": own_filters}),
    Endpoint("GET", "/containers/{any}/json", {"size": flag}),
    Endpoint("GET", "/containers/{any}/top", {"ps_args": _PS}),
    Endpoint("GET", "/containers/{any}/logs", _LOGS),
    Endpoint("GET", "/containers/{any}/stats", {"stream": flag, "one-shot": flag}),
    Endpoint("GET", "/containers/{own}/changes"),
    Endpoint("GET", "/containers/{own}/export"),
    Endpoint("POST", "/containers/{own}/start", {"detachKeys": word}),
    Endpoint("POST", "/containers/{own}/stop", {"t": _SECONDS, "signal": by(signal)}),
    Endpoint("POST", "/containers/{own}/restart", {"t": _SECONDS, "signal": by(signal)}),
    Endpoint("POST", "/containers/{own}/kill", {"signal": by(signal)}),
    Endpoint("POST", "/containers/{own}/pause"),
    Endpoint("POST", "/containers/{own}/unpause"),
    Endpoint("POST", "/containers/{own}/wait", {"condition": only("", "not-running", "next-exit", "removed")}),
    Endpoint("POST", "/containers/{own}/rename", {"name": _name}),
    Endpoint("POST", "/containers/{own}/resize", _SIZE),
    Endpoint("POST", "/containers/{own}/attach", _ATTACH, upgrade="tcp"),
    Endpoint("POST", "/containers/{own}/update", {}, UPDATE),
    Endpoint("POST", "/containers/{own}/exec", {}, EXEC),
    Endpoint("HEAD", "/containers/{own}/archive", _ARCHIVE),
    Endpoint("GET", "/containers/{own}/archive", _ARCHIVE),
    Endpoint(
        "PUT", "/containers/{own}/archive", {**_ARCHIVE, "noOverwriteDirNonDir": flag, "copyUIDGID": flag}, upload=True
    ),
    Endpoint("DELETE", "/containers/{own}", {"v": flag, "link": flag, "force": flag}),
    Endpoint("GET", "/exec/{exec}/json"),
    Endpoint("POST", "/exec/{exec}/start", {}, EXEC_START, upgrade="tcp"),
    Endpoint("POST", "/exec/{exec}/resize", _SIZE),
)
