"""The endpoints of images: built, pulled, committed, pushed, saved."""

from __future__ import annotations

from drydock.machine.guest.proxy.api_endpoint import Endpoint
from drydock.machine.guest.proxy.container_endpoints import PLATFORM
from drydock.machine.guest.proxy.container_fields import COMMIT
from drydock.machine.guest.proxy.headers import push_auth, registry_auth, registry_config, session
from drydock.machine.guest.proxy.identifiers import IMAGE, image, labels, own_container
from drydock.machine.guest.proxy.query import by, filters, flag, json_value, number, only, word
from drydock.machine.guest.proxy.validators import items, line, mapping, matching, optional, text

_TAG = by(matching("[A-Za-z0-9_.:-]{0,128}|sha256:[0-9a-f]{64}", "a tag"))
_REPOSITORY = by(matching(f"(?:{IMAGE})?", "a repository"))
#: An instruction of a Dockerfile that ``commit`` and ``import`` apply to an image.
_CHANGE = by(
    matching(
        r"(?i:CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|STOPSIGNAL|USER|VOLUME|WORKDIR)\s[^\x00\r\n]*",
        "one of the instructions that a commit may change",
    )
)
_PULL = {
    "fromImage": by(image), "fromSrc": only("-"), "repo": _REPOSITORY, "tag": _TAG, "platform": PLATFORM,
    "message": word, "changes": _CHANGE,
}  # fmt: skip
_COMMIT = {
    "container": by(own_container), "repo": _REPOSITORY, "tag": _TAG, "comment": word, "author": word, "pause": flag,
    "changes": _CHANGE,
}  # fmt: skip
#: A build by the legacy builder. Builds by BuildKit use ``/grpc`` and ``/session``.
_BUILD = {
    "dockerfile": by(matching(r"[^\x00-\x1f]*", "a path in the context")),
    "t": by(image),
    "q": flag,
    "nocache": flag,
    "pull": flag,
    "rm": flag,
    "forcerm": flag,
    "squash": flag,
    "version": only("", "1"),
    "networkmode": only("", "default", "none", "bridge"),
    "platform": PLATFORM,
    "target": by(matching(r"[A-Za-z0-9_.-]*", "the name of a stage")),
    "buildargs": json_value(mapping(line, optional(text, lambda: None))),
    "labels": json_value(labels),
    "cachefrom": json_value(optional(items(image), list)),
    "extrahosts": word,
    "shmsize": number(),
    "memory": number(),
    "memswap": number(-1),
    "cpushares": number(),
    "cpuperiod": number(),
    "cpuquota": number(-1),
    "cpusetcpus": by(matching("[0-9,-]*", "a list of numbers")),
    "cpusetmems": by(matching("[0-9,-]*", "a list of numbers")),
}
_ID = by(matching("[A-Za-z0-9_-]{0,128}", "the id of a build"))

ENDPOINTS = (
    Endpoint("GET", "/images/json", {"all": flag, "filters": filters, "digests": flag, "shared-size": flag}),
    Endpoint("GET", "/images/get", {"names": by(image)}),
    Endpoint("POST", "/images/create", _PULL, upload=True, headers=registry_auth),
    Endpoint("POST", "/images/load", {"quiet": flag}, upload=True),
    Endpoint("POST", "/images/prune", {"filters": filters}),
    Endpoint("GET", "/images/{image}/json"),
    Endpoint("GET", "/images/{image}/history"),
    Endpoint("GET", "/images/{image}/get"),
    Endpoint("POST", "/images/{image}/tag", {"repo": _REPOSITORY, "tag": _TAG}),
    Endpoint("POST", "/images/{image}/push", {"tag": _TAG}, headers=push_auth),
    Endpoint("DELETE", "/images/{image}", {"force": flag, "noprune": flag}),
    Endpoint("GET", "/distribution/{image}/json", headers=registry_auth),
    Endpoint("POST", "/commit", _COMMIT, COMMIT),
    Endpoint("POST", "/build", _BUILD, upload=True, headers=registry_config),
    Endpoint("POST", "/build/prune", {"all": flag, "keep-storage": number(), "filters": filters}),
    Endpoint("POST", "/build/cancel", {"id": _ID}),
    Endpoint("POST", "/session", upgrade="h2c", must_upgrade=True, headers=session),
    Endpoint("POST", "/grpc", upgrade="h2c", must_upgrade=True),
)
