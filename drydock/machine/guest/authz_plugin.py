"""Runs in a graded machine, beside its daemon: says which of the submission's requests the daemon may follow.

It is an authorization plug-in of Docker's Engine: dockerd asks it before and after each request, over a Unix socket.
Who comes over TLS is the grader and may do anything; who comes over the machine's own socket is the submission, which
may do what an assignment can need, by a list of what is allowed. Its own containers are the submission's
business; the grader's are not. It stands alone: in a machine there is little more than Python's core.
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

#: What Docker gives a container anyway, so that dropping all and adding some back stays possible.
_CAPABILITIES = set(
    "chown dac_override fsetid fowner mknod net_raw setgid setuid setfcap setpcap net_bind_service sys_chroot kill "
    "audit_write".split()
)
_CREATED = 201
_FREE_OPTIONS = {"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true", "no-new-privileges:false"}
_OF = r"/containers/(?P<container>[^/]+)"
#: What a submission may ask for besides looking: method, path, and what is looked at in the request's body.
_ALLOWED = (
    ("POST", "/containers/create", "create"),
    ("POST", _OF + r"/(start|stop|restart|kill|pause|unpause|wait|rename|resize|attach)", ""),
    ("POST", _OF + r"/update", "resources"),
    ("POST", _OF + r"/exec", "exec"),
    ("POST", r"/exec/[^/]+/(start|resize)", ""),
    ("PUT", _OF + r"/archive", ""),
    ("DELETE", _OF, ""),
    ("POST", r"/(containers|images|volumes|networks|build)/prune", ""),
    ("POST", r"/(build|build/cancel|session|grpc|auth|commit|images/create|images/load)", ""),
    ("POST", r"/images/.+/(tag|push)", ""),
    ("DELETE", r"/images/.+", ""),
    ("POST", "/volumes/create", "volume"),
    ("DELETE", r"/volumes/[^/]+", ""),
    ("POST", "/networks/create", "network"),
    ("POST", r"/networks/[^/]+/(connect|disconnect)", "member"),
    ("DELETE", r"/networks/[^/]+", ""),
)  # fmt: skip
Body = dict[str, Any]


class Refused(Exception):
    """A request that is not followed; the message goes to whoever asked."""


class AuthzPlugin:
    """Knows which containers and volumes are the grader's, and what others may do."""

    def __init__(self) -> None:
        self._grader: set[str] = set()
        self._work: list[str] = []

    def before(self, asked: Body) -> None:
        """Raise :class:`Refused` unless the request may be followed."""
        if _is_grader(asked):
            return
        method, path = asked["RequestMethod"], _path(asked)
        if method in ("GET", "HEAD", "OPTIONS"):
            return
        for verb, pattern, look in _ALLOWED:
            found = re.fullmatch(pattern, path) if verb == method else None
            if found:
                self._not_the_graders(found.groupdict().get("container"))
                if look:
                    getattr(self, f"_{look}")(_body(asked))
                return
        raise Refused(f"{method} {path} is nothing an assignment needs")

    def after(self, asked: Body) -> None:
        """Remember what the grader made."""
        if not _is_grader(asked) or asked.get("ResponseStatusCode") != _CREATED:
            return
        made = json.loads(base64.b64decode(asked.get("ResponseBody") or "") or b"{}")
        if _path(asked) == "/containers/create":
            self._grader.add(made["Id"])
            self._grader.update(parse_qs(urlsplit(asked["RequestUri"]).query).get("name", ()))
        elif _path(asked) == "/volumes/create":
            self._work.append(made["Mountpoint"])

    def _not_the_graders(self, name: str | None) -> None:
        wanted = (name or "").lstrip("/")
        if wanted and any(known == wanted or known.startswith(wanted) for known in self._grader):
            raise Refused("that container is the grader's")

    def _create(self, body: Body) -> None:
        host = body.get("hostconfig") or {}
        self._resources(host)
        self._namespaces(host)
        _refuse(host.get("privileged"), "privileged containers")
        _refuse(_capabilities(host) - _CAPABILITIES, "more capabilities than Docker gives by itself")
        _refuse(set(host.get("securityopt") or ()) - _FREE_OPTIONS, "security options but no-new-privileges")
        _refuse(host.get("maskedpaths") is not None or host.get("readonlypaths") is not None, "unmasked paths")
        _refuse(host.get("runtime") not in (None, "", "crun"), "other runtimes")
        for line in host.get("binds") or ():
            self._bind(line.split(":")[0])
        for mount in host.get("mounts") or ():
            self._mount(mount)
        for other in host.get("volumesfrom") or ():
            self._not_the_graders(other.split(":")[0])

    def _resources(self, host: Body) -> None:
        wishes = ("devices", "devicerequests", "devicecgrouprules", "cgroupparent")
        _refuse(any(host.get(wish) for wish in wishes), "devices and control groups of one's own")

    def _namespaces(self, host: Body) -> None:
        for kind in ("networkmode", "pidmode", "ipcmode", "utsmode", "usernsmode", "cgroupnsmode"):
            mode = str(host.get(kind) or "")
            _refuse(mode == "host", "the host's namespaces")
            if mode.startswith("container:"):
                self._not_the_graders(mode.partition(":")[2])

    def _bind(self, source: str) -> None:
        """A name is a volume's; a path must lie in the work folder, wherever its links lead."""
        if source.startswith("/"):
            real = os.path.realpath(source)
            inside = any(real == folder or real.startswith(folder + "/") for folder in self._work)
            _refuse(not inside, "binds of folders but the work folder")

    def _mount(self, mount: Body) -> None:
        kind = mount.get("type")
        _refuse(kind not in ("bind", "volume", "tmpfs"), f"mounts of type {kind}")
        if kind == "bind":
            self._bind(str(mount.get("source") or "/"))
        _refuse((mount.get("volumeoptions") or {}).get("driverconfig"), "volumes with a driver of their own")

    def _exec(self, body: Body) -> None:
        _refuse(body.get("privileged"), "privileged commands")

    def _volume(self, body: Body) -> None:
        _refuse(body.get("driver") not in (None, "", "local"), "volumes with a driver of their own")
        _refuse(body.get("driveropts"), "volumes with options of their driver")

    def _network(self, body: Body) -> None:
        _refuse(body.get("driver") not in (None, "", "bridge"), "networks but bridges")

    def _member(self, body: Body) -> None:
        self._not_the_graders(body.get("container"))


def _is_grader(asked: Body) -> bool:
    return asked.get("UserAuthNMethod") == "TLS" and bool(asked.get("User"))


def _path(asked: Body) -> str:
    """The path as dockerd's router sees it, without the version. Raises :class:`Refused` for one made to be misread."""
    path = unquote(urlsplit(asked["RequestUri"]).path)
    if "//" in path or "/../" in path or "/./" in path or "%" in path or not path.isascii():
        raise Refused("the path is written in an odd way")
    return re.sub(r"^/v[0-9.]+(?=/)", "", path)


def _body(asked: Body) -> Body:
    """The body as dockerd reads it: names of fields in any case, and none twice. One that isn't shown is refused."""
    try:
        read = json.loads(base64.b64decode(asked.get("RequestBody") or ""), object_pairs_hook=_fields)
    except ValueError:
        raise Refused("the request does not show what it wants") from None
    if not isinstance(read, dict):
        raise Refused("the request is no object")
    return read


def _fields(pairs: list[tuple[str, Any]]) -> Body:
    fields = {name.casefold(): value for name, value in pairs}
    if len(fields) < len(pairs):
        raise Refused("a field is there twice")
    return fields


def _capabilities(host: Body) -> set[str]:
    return {str(name).lower().removeprefix("cap_") for name in host.get("capadd") or ()}


def _refuse(condition: object, what: str) -> None:
    if condition:
        raise Refused(f"no assignment needs {what}")


def converse(line: socket.socket, guard: AuthzPlugin) -> None:
    """One connection of dockerd's: HTTP, one question after the other until it hangs up."""
    with line, line.makefile("rwb") as stream:
        while asked := stream.readline(1024):
            length = 0
            while (header := stream.readline(65536)).strip():
                name, _, value = header.decode("latin-1").partition(":")
                length = int(value) if name.lower() == "content-length" else length
            text = json.dumps(answer(guard, asked.split()[1].decode(), stream.read(length))).encode()
            stream.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
            stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(text), text))
            stream.flush()


def answer(guard: AuthzPlugin, path: str, question: bytes) -> Body:
    """What the plug-in says to one question; what it can't understand it does not allow."""
    looks: dict[str, Callable[[Body], None]] = {
        "/AuthZPlugin.AuthZReq": guard.before,
        "/AuthZPlugin.AuthZRes": guard.after,
    }
    if path not in looks:
        return {"Implements": ["authz"]}
    try:
        looks[path](json.loads(question))
    except Refused as refused:
        return {"Allow": False, "Msg": f"not while it is graded: {refused}"}
    except Exception as error:
        return {"Allow": False, "Msg": f"not while it is graded: the request can't be understood ({error!r})"}
    return {"Allow": True}


def main(path: str) -> None:
    """Serve the plug-in's socket for as long as the machine runs."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    guard, listener = AuthzPlugin(), socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    while True:
        line, _ = listener.accept()
        threading.Thread(target=converse, args=[line, guard], daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
