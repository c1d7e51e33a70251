"""Requests of all kinds: usual ones, hostile ones, and damaged ones.

Each is made with a random number generator, so that a test with Hypothesis and a test in a machine make the same
requests. A text in braces stands for something that the daemon at hand has, and is replaced by the test.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from tests.drydock.machine.guest.proxy import hostile_values as odd

Value = TypeVar("Value")
WORK = "{work}"
_SOURCES = (WORK, f"{WORK}/a", f"{WORK}/./a//b", f"{WORK}/a/../b/", "data", "data2", f"{WORK}/link")
_NETWORKS = ("default", "bridge", "none", "back", "container:{own}")
_HOST: dict[str, tuple[Any, ...]] = {
    "Privileged": (False,), "Annotations": ({}, None), "Devices": ([], None), "Runtime": ("", "crun"),
    "CgroupParent": ("",),
    "SecurityOpt": ([], ["no-new-privileges"]), "CapAdd": ([], ["NET_BIND_SERVICE"], ["CAP_CHOWN"]),
    "CapDrop": (["ALL"],),
    "Sysctls": ({"net.core.somaxconn": "9"},), "LogConfig": ({"Type": "json-file", "Config": {"max-size": "1m"}},),
    "OomScoreAdj": (0, 500), "Ulimits": ([{"Name": "nofile", "Soft": 10, "Hard": 10}],), "Tmpfs": ({"/t": "size=1m"},),
    "RestartPolicy": ({"Name": "no"},), "Memory": (64 << 20,), "PidsLimit": (50, None), "ReadonlyRootfs": (True,),
    "PortBindings": ({"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}, {"80/tcp": None}),
    "PidMode": ("", "container:{own}"), "IpcMode": ("", "private", "container:{own}"), "VolumesFrom": (["{own}:ro"],),
    "NetworkMode": _NETWORKS,
}  # fmt: skip
_TOP: dict[str, tuple[Any, ...]] = {
    "Env": (["A=ä"], []), "Tty": (True,), "Labels": ({"a": "b"}, None), "User": ("1000:1000",), "Entrypoint": (None,
    ["true"]),
    "NetworkingConfig": ({"EndpointsConfig": {"back": {"Aliases": ["web"]}}}, {}), "Healthcheck": ({"Test": ["NONE"]},),
    "ExposedPorts": ({"80/tcp": {}},), "Volumes": ({"/v": {}},), "WorkingDir": ("/srv",),
}  # fmt: skip
_VERBS = (
    "start",
    "stop?t=0",
    "kill?signal=KILL",
    "wait",
    "pause",
    "unpause",
    "rename?name=x",
    "attach?stream=1",
    "restart?t=0",
)


#: Where a hostile value can be: in a new container, in the path of a container's endpoints, or in any request.
_IN_CONTAINERS = ("SOURCES", "TARGETS", "MODES", "MOUNT_TYPES", "MOUNT", "HOST", "TOP", "TEXTS", "JSON")
_ELSEWHERE = ("CONTAINERS", "NETWORKS", "VOLUME", "NETWORK", "HOST_OF_OTHERS")
_ANYWHERE = ("VERSIONS", "IN_PATHS", "HEADERS", "BODIES", "FRAMES", "BYTES", "ENDPOINTS", "QUERIES")
#: Fields and texts are many, so they are chosen more often.
_KINDS = (*_IN_CONTAINERS, *["HOST"] * 12, *["SOURCES", "TOP", "MOUNT"] * 2, *_ELSEWHERE, *_ANYWHERE, *["QUERIES"] * 2)


class Requests:
    """Requests made with one random number generator: without hostile values, with one of them, or with many."""

    def __init__(self, random: Random) -> None:
        self._random = random
        #: The place of the one hostile value, and the share of hostile values in all places.
        self._kind, self._share = random.choice((("", 0.0), ("", 0.0), *[(random.choice(_KINDS), 0.0)] * 3, ("", 0.2)))

    def make(self) -> bytes:
        """Return the bytes of one request."""
        method, path, query, body = self._parts()
        path = self._value(("/v1.45", "/v1.41", ""), odd.VERSIONS, "VERSIONS") + path
        target = path + (f"?{query}" if query else "")
        if self._is_odd("IN_PATHS"):
            place = self._random.randrange(len(target) + 1)
            target = target[:place] + self._random.choice(odd.IN_PATHS) + target[place:]
        usual = "Connection: Upgrade\r\nUpgrade: h2c\r\n" if path.endswith(("/grpc", "/session")) else ""
        head = f"{method} {target} HTTP/1.1\r\nHost: docker\r\n" + self._value((usual,), odd.HEADERS, "HEADERS")
        raw = head.encode("utf-8", "surrogatepass") + self._framed(self._text(body))
        return self._damaged(raw) if self._is_odd("BYTES") else raw

    def _is_odd(self, kind: str) -> bool:
        return kind == self._kind or self._random.random() < self._share

    def _value(self, usual: Sequence[Value], hostile: Sequence[Value], kind: str) -> Value:
        return self._random.choice(hostile if self._is_odd(kind) else usual)

    def _fields(
        self, usual: dict[str, tuple[Any, ...]], hostile: dict[str, tuple[Any, ...]], kind: str
    ) -> dict[str, Any]:
        """Return some fields, in any order."""
        names = self._random.sample(sorted(usual), min(len(usual), self._random.randrange(5)))
        fields = {name: self._random.choice(usual[name]) for name in names}
        if self._is_odd(kind):
            name, value = self._random.choice([(name, value) for name in sorted(hostile) for value in hostile[name]])
            fields[name] = value
        return dict(self._random.sample(list(fields.items()), len(fields)))

    def _parts(self) -> tuple[str, str, str, Any]:
        """Return a method, a path, a query and a value for the body."""
        new = [("POST", "/containers/create?name=web", self._container())]
        if self._kind in _IN_CONTAINERS:
            templates = new
        elif self._kind in _ELSEWHERE:
            templates = self._for_others()
        else:
            templates = new * 12 + self._for_others() + self._plain()
        method, target, body = self._random.choice(templates)
        if self._is_odd("ENDPOINTS"):
            method, target, body = self._random.choice(odd.ENDPOINTS)
        path, _, query = target.partition("?")
        if self._is_odd("QUERIES"):
            query = f"{query}&{quote_plus(self._random.choice(odd.QUERIES), safe='=%&;{}')}"
        return method, path, query, body

    def _for_others(self) -> list[tuple[str, str, Any]]:
        """Return requests for what is there already, and for volumes and networks."""
        name = quote(self._value(("{own}",), odd.CONTAINERS, "CONTAINERS"), safe="/{}._")
        network = quote(self._value(("back", "bridge"), odd.NETWORKS, "NETWORKS"))
        endpoint = {"Container": self._value(("{own}",), odd.CONTAINERS, "CONTAINERS")}
        more = self._fields({}, odd.HOST, "HOST_OF_OTHERS")
        return [
            *[("POST", f"/containers/{name}/{verb}", None) for verb in _VERBS],
            ("POST", f"/containers/{name}/exec", {"Cmd": ["true"], **more}),
            ("POST", f"/containers/{name}/update", {"Memory": 1 << 26, **more}),
            ("DELETE", f"/containers/{name}?force=1", None), ("GET", f"/containers/{name}/json", None),
            ("GET", f"/containers/{name}/archive?path=/etc", None), ("PUT", f"/containers/{name}/archive?path=/", None),
            ("POST", "/volumes/create", {"Name": "data", **self._fields({"Driver": ("local",)}, odd.VOLUME, "VOLUME")}),
            ("POST", "/networks/create", {"Name": "n1", **self._fields({"Internal": (True,)}, odd.NETWORK, "NETWORK")}),
            ("POST", f"/networks/{network}/connect", endpoint), ("DELETE", f"/networks/{network}", None),
        ]  # fmt: skip

    def _plain(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/containers/json?all=1", None), ("POST", "/containers/prune", None), ("DELETE", "/volumes/data",
            None),
            ("POST", "/build?t=mine&rm=1", None), ("POST", "/commit?container={own}&repo=mine", {}),
            ("POST", "/images/create?fromSrc=-&repo=mine", None), ("POST", "/images/load?quiet=1", None),
            ("POST", "/images/drydock/busybox:1.37/tag?repo=mine&tag=1", None), ("DELETE", "/images/mine:1", None),
            ("POST", "/session", None), ("POST", "/grpc", None), ("GET", "/info", None), ("GET", "/_ping", None),
            ("GET", "/events?until=1", None), ("POST", "/auth", {"serveraddress": "127.0.0.1:1"}), ("GET", "/version",
            None),
        ]  # fmt: skip

    def _container(self) -> dict[str, Any]:
        host = self._fields(_HOST, odd.HOST, "HOST")
        if self._kind in ("SOURCES", "TARGETS", "MODES") or self._random.randrange(3) == 0:
            source = self._value(_SOURCES, odd.SOURCES, "SOURCES")
            target = self._value(("/x", "/y/z"), odd.TARGETS, "TARGETS")
            host["Binds"] = [f"{source}:{target}{self._value(('', ':ro', ':rw', ':z'), odd.MODES, 'MODES')}"]
        if self._kind in ("SOURCES", "MOUNT_TYPES", "MOUNT") or self._random.randrange(3) == 0:
            source = self._value(_SOURCES, odd.SOURCES, "SOURCES")
            kind = self._value(("bind", "volume"), odd.MOUNT_TYPES, "MOUNT_TYPES")
            mount = {"Type": kind, "Source": source if kind == "bind" else "data", "Target": "/m", "ReadOnly": True}
            host["Mounts"] = [{**mount, **self._fields({}, odd.MOUNT, "MOUNT")}]
        image = self._value(("drydock/busybox:1.37",), odd.TEXTS, "TEXTS")
        return {"Image": image, "Cmd": ["true"], **self._fields(_TOP, odd.TOP, "TOP"), "HostConfig": host}

    def _text(self, body: Any) -> bytes:
        if body is None:
            return self._value((b"",), odd.BODIES, "BODIES")
        text = json.dumps(body, ensure_ascii=bool(self._random.randrange(2))).encode("utf-8", "surrogatepass")
        twice = text.replace(b'"HostConfig":', b'"HostConfig": {"Privileged": true}, "HostConfig":', 1)
        hostile = (twice, odd.DEEP, text[:-1], text + text, b"\xef\xbb\xbf" + text, text.upper())
        return self._value((text,), hostile, "JSON")

    def _framed(self, content: bytes) -> bytes:
        """Return the rest of the head and the body."""
        length = b"Content-Length: %d\r\n" % len(content)
        chunked = b"Transfer-Encoding: chunked\r\n"
        chunks = (b"%x\r\n%b\r\n" % (len(content), content) if content else b"") + b"0\r\n\r\n"
        usual = (*[length + b"\r\n" + content] * 3, chunked + b"\r\n" + chunks)
        hostile = (
            length + b"\r\n" + content + odd.SECOND,
            chunked + b"\r\n" + chunks + odd.SECOND,
            length + chunked + b"\r\n" + chunks,
            length + length + b"\r\n" + content,
            b"Content-Length: +%d\r\n\r\n" % len(content) + content,
            b"Transfer-Encoding: chunked, identity\r\n\r\n" + chunks,
            b"\r\n" + content,
        )
        return self._value(usual, hostile, "FRAMES")

    def _damaged(self, raw: bytes) -> bytes:
        place = self._random.randrange(len(raw))
        return self._random.choice(
            (
                raw[:place] + bytes([self._random.randrange(256)]) + raw[place + 1 :],
                raw[:place] + self._random.choice(odd.BETWEEN_BYTES) + raw[place:],
                raw[:place] + raw[place + 1 :],
                raw[:place],
                raw.replace(b"\r\n", b"\n"),
            )
        )
