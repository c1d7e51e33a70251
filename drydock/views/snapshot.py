"""A snapshot of a daemon's containers, images, networks and volumes as plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drydock.core.socket_address import before_port
from drydock.views import image_history
from drydock.views.image_history import Layer

if TYPE_CHECKING:
    import docker

#: Docker's label on anonymous volumes; older daemons give them only a random name.
_ANONYMOUS_LABEL = "com.docker.volume.anonymous"
_EXITED = re.compile(r"Exited \((\d+)\)")
_RANDOM_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Port:
    """A published port: the container's port, its protocol (tcp or udp), and the address and port on the host."""

    container_port: int
    protocol: str
    host_ip: str
    host_port: int


@dataclass(frozen=True)
class Mount:
    """A mount in a container; ``type`` is Docker's (volume, bind or tmpfs), ``target`` the path in the container."""

    type: str
    source: str
    target: str
    writable: bool


@dataclass(frozen=True)
class Container:
    """A container; ``addresses`` has its IP address in each of its networks, empty while it is stopped."""

    id: str
    name: str
    image_id: str
    image: str
    command: str
    state: str
    exit_code: int | None
    network_mode: str
    addresses: Mapping[str, str]
    ports: tuple[Port, ...]
    mounts: tuple[Mount, ...]
    labels: Mapping[str, str] = field(repr=False)

    @property
    def has_process(self) -> bool:
        """Whether it has a process; a paused one has."""
        return self.state in ("running", "paused", "restarting")


@dataclass(frozen=True)
class Image:
    """An image with its history from the bottom up; ``size`` in bytes."""

    id: str
    tags: tuple[str, ...]
    size: int
    history: tuple[Layer, ...] = field(repr=False)
    labels: Mapping[str, str] = field(repr=False)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Its layers: the history without entries that only changed the configuration."""
        return tuple(layer for layer in self.history if layer.digest)

    @property
    def name(self) -> str:
        """Its first tag, or its short id if it has none."""
        return self.tags[0] if self.tags else self.id.removeprefix("sha256:")[:12]


@dataclass(frozen=True)
class Network:
    """A network; ``subnet`` in CIDR notation."""

    id: str
    name: str
    driver: str
    subnet: str
    gateway: str
    internal: bool
    labels: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Volume:
    """A volume; ``containers`` has the names of all containers that mount it, running or not."""

    name: str
    driver: str
    anonymous: bool
    containers: tuple[str, ...]
    labels: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Snapshot:
    """What a daemon had at one moment."""

    containers: tuple[Container, ...] = ()
    images: tuple[Image, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()


def take_snapshot(client: docker.DockerClient, label: str | None = None) -> Snapshot:
    """Return a snapshot of a daemon, without objects that are removed meanwhile.

    With a ``label`` (``name`` or ``name=value``), only objects that have it, and the images, networks and volumes that
    containers with the label use.
    """
    all_containers = [_container(summary) for summary in client.api.containers(all=True)]
    containers = tuple(container for container in all_containers if _has_label(container.labels, label))
    used_images = {container.image_id for container in containers}
    used_networks = {name for container in containers for name in container.addresses}
    used_volumes = {mount.source for container in containers for mount in container.mounts}
    image_summaries = [
        summary
        for summary in client.api.images()
        if _has_label(summary["Labels"], label) or summary["Id"] in used_images
    ]
    networks = [_network(summary) for summary in client.api.networks()]
    volumes = [_volume(summary, all_containers) for summary in client.api.volumes()["Volumes"] or ()]
    return Snapshot(
        containers,
        tuple(image for summary in image_summaries if (image := _image(client, summary)) is not None),
        tuple(network for network in networks if _has_label(network.labels, label) or network.name in used_networks),
        tuple(volume for volume in volumes if _has_label(volume.labels, label) or volume.name in used_volumes),
    )


def image(client: docker.DockerClient, name: str) -> Image:
    """Return one image by name or id; raises docker's ``ImageNotFound``."""
    attrs = client.images.get(name).attrs
    labels = (attrs.get("Config") or {}).get("Labels") or {}
    return Image(attrs["Id"], _tags(attrs), attrs["Size"], image_history.read(client, attrs["Id"]), labels)


def _has_label(labels: Mapping[str, str] | None, label: str | None) -> bool:
    name, equals, expected = (label or "").partition("=")
    value = (labels or {}).get(name)
    return label is None or (value is not None and (not equals or value == expected))


def _container(summary: dict[str, Any]) -> Container:
    """Convert an entry of the container list: one request for all containers, so none can vanish in between."""
    exited = _EXITED.match(summary["Status"])
    networks = summary["NetworkSettings"]["Networks"] or {}
    return Container(
        id=summary["Id"],
        name=min(summary["Names"] or [summary["Id"][:12]], key=len).removeprefix("/"),
        image_id=summary["ImageID"],
        image=summary["Image"].removeprefix("sha256:"),
        command=summary["Command"],
        state=summary["State"],
        exit_code=int(exited[1]) if exited else None,
        network_mode=summary["HostConfig"].get("NetworkMode", ""),
        addresses={name: network["IPAddress"] for name, network in networks.items()},
        ports=_ports(summary["Ports"]),
        mounts=tuple(_mount(mount) for mount in summary["Mounts"]),
        labels=summary["Labels"] or {},
    )


def _ports(summaries: list[dict[str, Any]]) -> tuple[Port, ...]:
    """Return the published ports; one on all addresses appears once, not a second time for IPv6."""
    ports = {
        Port(port["PrivatePort"], port["Type"], _host_ip(port.get("IP", "")), port["PublicPort"])
        for port in summaries
        if port.get("PublicPort")
    }
    return tuple(sorted(ports, key=lambda port: (port.container_port, port.protocol, port.host_ip, port.host_port)))


def _host_ip(address: str) -> str:
    """Return an address as it stands before a port, and all IPv6 addresses as all addresses."""
    return "0.0.0.0" if address == "::" else before_port(address)


def _mount(summary: dict[str, Any]) -> Mount:
    source = summary.get("Name") or summary.get("Source", "")
    return Mount(summary["Type"], source, summary["Destination"], summary["RW"])


def _image(client: docker.DockerClient, summary: dict[str, Any]) -> Image | None:
    from docker.errors import ImageNotFound

    try:
        history = image_history.read(client, summary["Id"])
    except ImageNotFound:
        return None
    return Image(summary["Id"], _tags(summary), summary["Size"], history, summary["Labels"] or {})


def _tags(summary: dict[str, Any]) -> tuple[str, ...]:
    return tuple(tag for tag in summary["RepoTags"] or () if tag != "<none>:<none>")


def _network(summary: dict[str, Any]) -> Network:
    address_range = (summary["IPAM"]["Config"] or [{}])[0]
    return Network(
        id=summary["Id"],
        name=summary["Name"],
        driver=summary["Driver"],
        subnet=address_range.get("Subnet", ""),
        gateway=address_range.get("Gateway", ""),
        internal=summary["Internal"],
        labels=summary["Labels"] or {},
    )


def _volume(summary: dict[str, Any], all_containers: list[Container]) -> Volume:
    name, labels = summary["Name"], summary["Labels"] or {}
    containers = [container.name for container in all_containers if _mounts_volume(container, name)]
    anonymous = _ANONYMOUS_LABEL in labels or bool(_RANDOM_NAME.fullmatch(name))
    return Volume(name, summary["Driver"], anonymous, tuple(containers), labels)


def _mounts_volume(container: Container, name: str) -> bool:
    return any(mount.source == name for mount in container.mounts)
