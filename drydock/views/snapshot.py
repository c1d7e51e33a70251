"""The daemon as plain values: what it has at one moment, in a form that pictures and checks can read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import ImageNotFound

from drydock.views import image_history
from drydock.views.image_history import Layer

#: Docker's own label on a volume that nobody gave a name.
_NAMELESS = "com.docker.volume.anonymous"
_EXITED = re.compile(r"Exited \((\d+)\)")
_RANDOM = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Port:
    """A port of a container, and the address and port of the server that lead to it; udp or tcp."""

    inside: int
    protocol: str
    address: str
    outside: int


@dataclass(frozen=True)
class Mount:
    """Where a container sees a volume, or a folder of the server (``kind`` is then ``bind``)."""

    kind: str
    source: str
    target: str
    writable: bool


@dataclass(frozen=True)
class Container:
    """A container; ``addresses`` holds its address in each network it is in, empty while it doesn't run."""

    id: str
    name: str
    image_id: str
    image: str
    command: str
    state: str
    exit_code: int | None
    mode: str
    addresses: Mapping[str, str]
    ports: tuple[Port, ...]
    mounts: tuple[Mount, ...]
    labels: Mapping[str, str] = field(repr=False)

    @property
    def runs(self) -> bool:
        """Whether it has a process, even one that is paused."""
        return self.state in ("running", "paused", "restarting")


@dataclass(frozen=True)
class Image:
    """An image, with its history from the bottom up; ``size`` in bytes."""

    id: str
    tags: tuple[str, ...]
    size: int
    history: tuple[Layer, ...] = field(repr=False)
    labels: Mapping[str, str] = field(repr=False)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Its layers alone, without the lines that only changed its settings."""
        return tuple(layer for layer in self.history if layer.digest)

    @property
    def name(self) -> str:
        """Its first tag, or the beginning of its id when it has none."""
        return self.tags[0] if self.tags else self.id.removeprefix("sha256:")[:12]


@dataclass(frozen=True)
class Network:
    """A network, with the address range of its members."""

    id: str
    name: str
    driver: str
    subnet: str
    gateway: str
    internal: bool
    labels: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Volume:
    """A volume; ``users`` are the containers that mount it, whether they run or not."""

    name: str
    driver: str
    nameless: bool
    users: tuple[str, ...]
    labels: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Snapshot:
    """All of it: what was asked for, and what that stands on."""

    containers: tuple[Container, ...] = ()
    images: tuple[Image, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()


def take(client: docker.DockerClient, label: str | None = None) -> Snapshot:
    """Look at a daemon. What vanishes while we look is left out.

    With a ``label`` (``name`` or ``name=value``) only what carries it, and the images, networks and volumes that its
    containers use.
    """
    everyone = [_container(one) for one in client.api.containers(all=True)]
    ours = tuple(one for one in everyone if _carries(one.labels, label))
    used = {one.image_id for one in ours}
    joined = {name for one in ours for name in one.addresses}
    mounted = {mount.source for one in ours for mount in one.mounts}
    listed = [one for one in client.api.images() if _carries(one["Labels"], label) or one["Id"] in used]
    networks = [_network(one) for one in client.api.networks()]
    volumes = [_volume(one, everyone) for one in client.api.volumes()["Volumes"] or ()]
    return Snapshot(
        ours,
        tuple(image for one in listed if (image := _image(client, one)) is not None),
        tuple(one for one in networks if _carries(one.labels, label) or one.name in joined),
        tuple(one for one in volumes if _carries(one.labels, label) or one.name in mounted),
    )


def image(client: docker.DockerClient, name: str) -> Image:
    """One image by any of its names; raises docker's ``ImageNotFound``."""
    about = client.images.get(name).attrs
    labels = (about.get("Config") or {}).get("Labels") or {}
    return Image(about["Id"], _tags(about), about["Size"], image_history.read(client, about["Id"]), labels)


def _carries(labels: Mapping[str, str] | None, label: str | None) -> bool:
    name, equals, value = (label or "").partition("=")
    found = (labels or {}).get(name)
    return label is None or (found is not None and (not equals or found == value))


def _container(about: dict[str, Any]) -> Container:
    """A container as the list of them tells of it: one question for all, in which none can vanish."""
    exited = _EXITED.match(about["Status"])
    networks = about["NetworkSettings"]["Networks"] or {}
    return Container(
        id=about["Id"],
        name=min(about["Names"] or [about["Id"][:12]], key=len).removeprefix("/"),
        image_id=about["ImageID"],
        image=about["Image"].removeprefix("sha256:"),
        command=about["Command"],
        state=about["State"],
        exit_code=int(exited[1]) if exited else None,
        mode=about["HostConfig"].get("NetworkMode", ""),
        addresses={name: one["IPAddress"] for name, one in networks.items()},
        ports=_ports(about["Ports"]),
        mounts=tuple(_mount(one) for one in about["Mounts"]),
        labels=about["Labels"] or {},
    )


def _ports(listed: list[dict[str, Any]]) -> tuple[Port, ...]:
    """The published ones; "every address" is told once, not once more for version 6."""
    found = {
        Port(one["PrivatePort"], one["Type"], one.get("IP", "").replace("::", "0.0.0.0"), one["PublicPort"])
        for one in listed
        if one.get("PublicPort")
    }
    return tuple(sorted(found, key=lambda port: (port.inside, port.protocol, port.address, port.outside)))


def _mount(one: dict[str, Any]) -> Mount:
    return Mount(one["Type"], one.get("Name") or one.get("Source", ""), one["Destination"], one["RW"])


def _image(client: docker.DockerClient, about: dict[str, Any]) -> Image | None:
    try:
        history = image_history.read(client, about["Id"])
    except ImageNotFound:
        return None
    return Image(about["Id"], _tags(about), about["Size"], history, about["Labels"] or {})


def _tags(about: dict[str, Any]) -> tuple[str, ...]:
    return tuple(tag for tag in about["RepoTags"] or () if tag != "<none>:<none>")


def _network(about: dict[str, Any]) -> Network:
    ranges = (about["IPAM"]["Config"] or [{}])[0]
    return Network(
        id=about["Id"],
        name=about["Name"],
        driver=about["Driver"],
        subnet=ranges.get("Subnet", ""),
        gateway=ranges.get("Gateway", ""),
        internal=about["Internal"],
        labels=about["Labels"] or {},
    )


def _volume(about: dict[str, Any], everyone: list[Container]) -> Volume:
    name, labels = about["Name"], about["Labels"] or {}
    users = [one.name for one in everyone if any(mount.source == name for mount in one.mounts)]
    nameless = _NAMELESS in labels or bool(_RANDOM.fullmatch(name))
    return Volume(name, about["Driver"], nameless, tuple(users), labels)
