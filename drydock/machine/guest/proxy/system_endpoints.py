"""The endpoints of the daemon itself, of volumes and of networks."""

from __future__ import annotations

from drydock.machine.guest.proxy.api_endpoint import Endpoint
from drydock.machine.guest.proxy.container_endpoints import TIME
from drydock.machine.guest.proxy.headers import AUTH
from drydock.machine.guest.proxy.identifiers import labels, volume
from drydock.machine.guest.proxy.network_fields import CONNECT, DISCONNECT, NETWORK
from drydock.machine.guest.proxy.query import filters, flag, only
from drydock.machine.guest.proxy.validators import EMPTY, choice, obj

_FILTERS = {"filters": filters}
_VOLUME = obj({"Name": volume, "Driver": choice("", "local"), "DriverOpts": obj(EMPTY), "Labels": labels})

ENDPOINTS = (
    Endpoint("HEAD", "/_ping"),
    Endpoint("GET", "/_ping"),
    Endpoint("GET", "/version"),
    Endpoint("GET", "/info"),
    Endpoint("GET", "/events", {"since": TIME, "until": TIME, "filters": filters}),
    Endpoint("GET", "/system/df", {"type": only("container", "image", "volume", "build-cache")}),
    Endpoint("POST", "/auth", {}, AUTH),
    Endpoint("GET", "/volumes", _FILTERS),
    Endpoint("POST", "/volumes/create", {}, _VOLUME),
    Endpoint("POST", "/volumes/prune", _FILTERS),
    Endpoint("GET", "/volumes/{volume}"),
    Endpoint("DELETE", "/volumes/{volume}", {"force": flag}),
    Endpoint("GET", "/networks", _FILTERS),
    Endpoint("POST", "/networks/create", {}, NETWORK),
    Endpoint("POST", "/networks/prune", _FILTERS),
    Endpoint("GET", "/networks/{any}", {"verbose": flag, "scope": only("", "local", "swarm", "global")}),
    Endpoint("POST", "/networks/{network}/connect", {}, CONNECT),
    Endpoint("POST", "/networks/{network}/disconnect", {}, DISCONNECT),
    Endpoint("DELETE", "/networks/{network}"),
)
