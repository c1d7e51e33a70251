"""The fields of ``HostConfig``: what a container may use of the machine."""

from __future__ import annotations

import os
import re

from drydock.machine.guest.proxy import identifiers
from drydock.machine.guest.proxy.mounts import bind, mount, tmpfs
from drydock.machine.guest.proxy.network_fields import address, link, network
from drydock.machine.guest.proxy.strict_json import Json
from drydock.machine.guest.proxy.validators import (
    Place,
    Rule,
    boolean,
    choice,
    ignored,
    integer,
    items,
    line,
    mapping,
    matching,
    obj,
    optional,
)

#: Docker's default capabilities: a container may drop all and add some of these again.
_CAPABILITIES = set(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID "
    "SYS_CHROOT".split()
)
#: Ports of the machine itself: ssh, and the grader's connection to the daemon.
_TAKEN = (22, 2376)


def _capability(value: Json, place: Place) -> Json:
    valid = line(value, place).upper().removeprefix("CAP_")
    if valid not in _CAPABILITIES:
        raise place.refused(f"not allowed to have {valid[:40]}")
    return valid


def _host_port(value: Json, place: Place) -> Json:
    valid = matching(r"[0-9]{0,5}(?:-[0-9]{1,5})?", "a port or a range of ports")(value, place)
    first, _, last = valid.partition("-")
    if first and any(int(first) <= taken <= int(last or first) for taken in _TAKEN):
        raise place.refused("not allowed to be a port of the machine itself")
    return valid


def _shared(*modes: str) -> Rule:
    """Return the rule for a namespace: one of these modes, or a container of the submission to share it with."""

    def rule(value: Json, place: Place) -> Json:
        if isinstance(value, str) and value.startswith("container:"):
            return f"container:{identifiers.own_container(value.removeprefix('container:'), place)}"
        return choice(*modes)(value, place)

    return rule


def _network_mode(value: Json, place: Place) -> Json:
    if isinstance(value, str) and re.fullmatch(identifiers.NAME, value):
        return network(value, place)
    return _shared("")(value, place)


def _volumes_from(value: Json, place: Place) -> Json:
    container, _, mode = line(value, place).partition(":")
    valid = choice("", "ro", "rw", "z", "Z")(mode, place)
    return identifiers.own_container(container, place) + (":ro" if valid == "ro" else "")


def _cpus(value: Json, place: Place) -> Json:
    """Validate a limit of CPUs; one above the machine's becomes the machine's.

    On a laptop `--cpus 2` is right, and this machine may have one CPU: Docker would refuse the container.
    """
    valid = integer()(value, place)
    return min(valid, (os.cpu_count() or 1) * 10**9) if isinstance(valid, int) else valid


def _cpuset(value: Json, place: Place) -> Json:
    """Validate the CPUs that a container may use; of a laptop's CPUs, the machine's own remain, as above."""
    valid = _NUMBERS(value, place)
    ranges = [(int(first), int(last or first)) for first, last in _RANGE.findall(valid)]
    own = range(os.cpu_count() or 1)
    if not ranges or all(last in own for _, last in ranges):
        return valid
    return ",".join(str(cpu) for cpu in own if any(first <= cpu <= last for first, last in ranges)) or str(own[-1])


_NUMBERS = matching(r"(?:[0-9]{1,6}(?:-[0-9]{1,6})?(?:,(?!$)|$))*", "a list of numbers, such as 0-2,4")
_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")
_ULIMIT = {"Name": matching("[a-z]+", "the name of a limit"), "Soft": integer(-1), "Hard": integer(-1)}
_RESTART = {"Name": choice("", "no", "always", "on-failure", "unless-stopped"), "MaximumRetryCount": integer()}
_LIMITS: dict[str, Rule] = {
    **dict.fromkeys("Memory MemoryReservation CpuShares CpuPeriod CpuQuota BlkioWeight".split(), integer()),
    "NanoCpus": _cpus,
    **dict.fromkeys("MemorySwap MemorySwappiness PidsLimit".split(), integer(-1)),
    "CpusetCpus": _cpuset,
    "CpusetMems": _NUMBERS,
    "Ulimits": items(obj(_ULIMIT)),
    "RestartPolicy": obj(_RESTART),
}
_LOG_OPTIONS = "max-size max-file compress mode max-buffer-size labels labels-regex env env-regex tag".split()
_SYSCTL = matching(
    r"net(?:\.[a-z0-9_-]+)+|fs\.mqueue\.[a-z_]+|kernel\.(?:msgmax|msgmnb|msgmni|sem|shm[a-z_]+)",
    "a setting that a container has for itself",
)
_PRIVILEGES = [f"no-new-privileges{value}" for value in ("", ":true", "=true", ":false", "=false")]
_HOST: dict[str, Rule] = {
    **_LIMITS,
    "Binds": items(bind),
    "Mounts": items(mount),
    "Tmpfs": tmpfs,
    "VolumesFrom": items(_volumes_from),
    "VolumeDriver": choice("", "local"),
    "NetworkMode": _network_mode,
    "PortBindings": mapping(identifiers.port, optional(items(obj({"HostIp": address, "HostPort": _host_port})), list)),
    "PublishAllPorts": boolean,
    "Links": items(link),
    "Dns": items(address),
    **dict.fromkeys("DnsOptions DnsSearch ExtraHosts GroupAdd".split(), items(line)),
    "IpcMode": _shared("", "none", "private", "shareable"),
    "PidMode": _shared(""),
    "CgroupnsMode": choice("", "private"),
    "Isolation": choice("", "default"),
    "Runtime": choice("", "crun"),
    "CapAdd": items(_capability),
    "CapDrop": items(matching("[A-Za-z_]+", "the name of a capability")),
    "SecurityOpt": items(choice(*_PRIVILEGES)),
    **dict.fromkeys("ReadonlyRootfs Init AutoRemove".split(), boolean),
    "OomScoreAdj": integer(0, 1000),
    "ShmSize": integer(),
    "Sysctls": mapping(_SYSCTL, line),
    "LogConfig": obj(
        {"Type": choice("", "json-file", "local", "none"), "Config": mapping(choice(*_LOG_OPTIONS), line)}
    ),
    "ConsoleSize": items(integer(0, 10_000)),
    "ContainerIDFile": ignored,
}
_validate = obj(_HOST)


def host_config(value: Json, place: Place) -> Json:
    """Validate ``HostConfig``; binds of work folders move to ``Mounts``."""
    valid = _validate(value, place)
    binds, mounts = valid.pop("Binds", []), valid.pop("Mounts", [])
    assert isinstance(binds, list)
    assert isinstance(mounts, list)
    mounts = [*mounts, *(part for part in binds if isinstance(part, dict))]
    binds = [part for part in binds if isinstance(part, str)]
    return {**valid, **({"Binds": binds} if binds else {}), **({"Mounts": mounts} if mounts else {})}


#: The body of ``POST /containers/{id}/update``.
UPDATE = obj(_LIMITS)
