"""Values that attackers put into a request, and that nobody else does."""

from __future__ import annotations

from typing import Any

TEXTS = (
    "",
    "ä",
    "a\nb",
    "a\u0000b",
    "\ud83d",
    "../..",
    "%2e%2e",
    "{{.Name}}",
    "$(reboot)",
    "x" * 5000,
    "a b",
    "a#b",
    "a?b",
)
NUMBERS = (-1, 1 << 40, (1 << 63) - 1, 1 << 63, -(1 << 63), 1.5, True, "64")
CONTAINERS = ("{kernel}", "{kernel_short}", "none-such", "/{own}", "..", "", "{own}/../{kernel}")
NETWORKS = ("host", "HOST", "hos", "none-such", "container:{kernel}", "ns:/proc/1/ns/net", "container:", "..")
VERSIONS = ("/v1.24", "/v1.46", "/v1.45/v1.45", "/v2.0", "/V1.45", "/v1.45/")
ENDPOINTS: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/swarm/init", {}), ("POST", "/plugins/pull?remote=x", []), ("GET", "/debug/pprof/", None), ("OPTIONS",
    "/info", None),
    ("POST", "/services/create", {}), ("GET", "/containers/{own}/attach/ws", None), ("POST", "/new-thing", {}),
    ("PATCH", "/info", {}),
)  # fmt: skip
QUERIES = (
    "networkmode=host", "remote=http://10.0.2.2/", "cgroupparent=/", "version=2", "container={kernel}",
    "changes=RUN%20x",
    "fromSrc=http://10.0.2.2/", "name=..", "platform=a%0ab", 'filters={"label":["a"]}', 'filters={"evil":["a"]}',
    "unknown=1",
    "all=1;x=2", "all=%zz", "all=%ff", "ALL=1", "all=1&all=0", "path=relative", "t=a//b", "signal=;", "force=maybe",
)  # fmt: skip
SOURCES = (
    "{work}/link/../../..", "{work}/..", "{work}-2", "/", "/etc", "/var/run/docker.sock", "/run/engine/docker.sock",
    "/run/seed",
    "..", "./a", "{kernel}", "{work}\n/", "/proc/self/root", "/var/lib/docker", "x" * 300, "{work}/\ud83d\ude00",
    "data:/x", "", "a/b",
)  # fmt: skip
TARGETS = ("/", "/proc", "/sys/kernel", "/a/../b", "x", "", "/x:ro", "/etc/passwd")
MODES = (":shared", ":rslave", ":ro,exec", ":RO", ":nocopy", ":ro:rw", ":")
MOUNT_TYPES = ("npipe", "image", "cluster", "tmpfs", "BIND", "")
MOUNT: dict[str, tuple[Any, ...]] = {
    "VolumeOptions": ({"Subpath": ".."}, {"Subpath": "/etc"}, {"DriverConfig": {"Options": {"device": "/"}}},
    {"NoCopy": 1}),
    "BindOptions": ({"Propagation": "rshared"}, {"NonRecursive": True}, {"CreateMountpoint": True}),
    "Source": ("/", "..", "{work}/../..", "data"), "Type": ("bind", None), "type": ("bind",), "Target": TARGETS,
}  # fmt: skip
HOST: dict[str, tuple[Any, ...]] = {
    "Privileged": (True, 1, "true"), "privileged": (True,), "Annotations": ({"run.oci.hooks.stdout": "/etc/shadow"},),
    "Devices": ([{"PathOnHost": "/dev/ubda", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}],),
    "DeviceCgroupRules": (["a *:* rwm"],), "DeviceRequests": ([{"Driver": "cdi", "DeviceIDs": ["a/b=c"]}],),
    "CgroupParent": ("/", "docker", "../.."), "Cgroup": ("host",), "Runtime": ("runc", "/bin/sh"),
    "SecurityOpt": (["seccomp=unconfined"], ["systempaths=unconfined"], ["label=disable"], ["no-new-privileges",
    "apparmor=x"]),
    "CapAdd": (["SYS_ADMIN"], ["ALL"], ["cap_sys_module"]), "Capabilities": (["SYS_ADMIN"],), "MaskedPaths": ([],
    ["/x"]),
    "ReadonlyPaths": ([], ["/x"]), "UsernsMode": ("host",), "UTSMode": ("host",), "CgroupnsMode": ("host",),
    "PidMode": ("host",),
    "IpcMode": ("host", "container:{kernel}"), "VolumesFrom": (["{kernel}"], ["{kernel_short}:ro"]),
    "StorageOpt": ({"size": "1G"},),
    "Sysctls": ({"kernel.core_pattern": "|/x"}, {"net/../kernel": "1"}), "OomScoreAdj": (-1000,),
    "OomKillDisable": (True,),
    "LogConfig": ({"Type": "syslog", "Config": {"syslog-address": "tcp://10.0.2.2:1"}},), "NewThing": (True, "x", [0]),
    "Ulimits": ([{"Name": "../x"}],), "Tmpfs": ({"/t": "bind,x=y"},), "Links": (["{kernel}:k"],), "Memory": NUMBERS,
    "NetworkMode": NETWORKS, "PortBindings": ({"80/tcp": [{"HostIp": "10.0.2.100", "HostPort": "2376"}]}, {"80/x": []}),
}  # fmt: skip
TOP: dict[str, tuple[Any, ...]] = {
    "hostconfig": ({"Privileged": True},), "HoſtConfig": ({"Privileged": True},), "Tty": NUMBERS, "Runtime": ("runc",),
    "NetworkingConfig": ({"EndpointsConfig": {"host": None}},
    {"EndpointsConfig": {"back": {"DriverOpts": {"a": "b"}}}}),
    "Labels": ({"io.drydock.owner": "autograder"},), "Env": (TEXTS, [1]), "Hostname": TEXTS,
    "Volumes": ({"/v": {"a": 1}},),
}  # fmt: skip
VOLUME: dict[str, tuple[Any, ...]] = {
    "DriverOpts": ({"type": "none", "o": "bind", "device": "/"},), "Driver": ("evil",), "driver": ("evil",),
    "Name": SOURCES,
}  # fmt: skip
NETWORK: dict[str, tuple[Any, ...]] = {
    "Driver": ("host", "macvlan"), "Options": ({"com.docker.network.bridge.name": "vec0"},), "ConfigOnly": (True,),
    "Ingress": (True,), "IPAM": ({"Config": [{"Subnet": "10.0.2.0/24"}]}, {"Config": [{"Subnet": "0.0.0.0/0"}]},
    {"Driver": "x"}),
}  # fmt: skip
HEADERS = (
    "Connection: Upgrade\r\nUpgrade: tcp\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n", "X-Evil: 1\r\n",
    "X-Registry-Auth: e30=\r\n",
    "X-Registry-Auth: e30=\r\nX-Registry-Auth: e30=\r\n", "X-Registry-Config: !\r\n", "Expect: 100-continue\r\n",
    " folded\r\n",
    "Upgrade: websocket\r\n", "Connection: keep-alive\r\n", "Host: other\r\n", "X-Docker-Expose-Session-Uuid: ab\r\n",
)  # fmt: skip
BODIES = (b"{}", b"null", bytes(100), b'{"a":1}')
DEEP = b'{"Image":"x","Env":' + b"[" * 2000 + b"]" * 2000 + b"}"
#: A request after a request.
SECOND = b"POST /containers/create HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
IN_PATHS = ("/", "%2f", "/../", "//", "?", "#", ";", "%00", "\\", "é", " ", "\t", "..", "@", ":")
BETWEEN_BYTES = (b"\r", b"\n", b"\0", b"\r\n", b" ", b"\xff", b'"', b"{", b"0")
