"""The fields of networks, and of a container's place in one."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from drydock.machine.guest.proxy import identifiers, validators
from drydock.machine.guest.proxy.strict_json import Json
from drydock.machine.guest.proxy.validators import Place, Rule, line, obj

#: Private addresses, and among them the machine's own network, which the grader's connections use.
_PRIVATE_4 = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_PRIVATE_6 = IPv6Network("fc00::/7")
_UPLINK = IPv4Network("10.0.2.0/24")


def address(value: Json, place: Place) -> Json:
    """Validate an IP address, or an empty text for any."""
    valid = line(value, place)
    try:
        return str(ip_address(valid)) if valid else ""
    except ValueError:
        raise place.invalid("an IP address") from None


def subnet(value: Json, place: Place) -> Json:
    """Validate a subnet: private addresses outside of the machine's own network."""
    valid = line(value, place)
    if not valid:
        return ""
    try:
        asked = ip_network(valid, strict=False)
    except ValueError:
        raise place.invalid("a subnet such as 172.30.0.0/24") from None
    if not _is_free(asked):
        raise place.refused(f"not allowed to be {asked}")
    return str(asked)


def _is_free(asked: IPv4Network | IPv6Network) -> bool:
    if isinstance(asked, IPv6Network):
        return asked.subnet_of(_PRIVATE_6)
    return any(map(asked.subnet_of, _PRIVATE_4)) and not asked.overlaps(_UPLINK)


def network(value: Json, place: Place) -> str:
    """Validate the name of a network that a container joins; the daemon gets its full name."""
    return place.scope.network(validators.matching(identifiers.NAME, "the name of a network")(value, place))


def link(value: Json, place: Place) -> Json:
    """Validate a link: a container of the submission, and an alias."""
    container, _, alias = line(value, place).partition(":")
    own = identifiers.own_container(container, place)
    return f"{own}:{identifiers.name(alias, place)}" if alias else own


#: Fields of the daemon's answers that clients send back.
_ANSWERS = (
    "NetworkID EndpointID Gateway IPAddress IPPrefixLen IPv6Gateway GlobalIPv6Address GlobalIPv6PrefixLen DNSNames"
).split()
_IPAM = obj({"IPv4Address": address, "IPv6Address": address, "LinkLocalIPs": validators.items(address)})
_ENDPOINT: dict[str, Rule] = {
    "IPAMConfig": _IPAM,
    "Links": validators.items(link),
    "Aliases": validators.items(line),
    "MacAddress": identifiers.mac_address,
    **dict.fromkeys(_ANSWERS, validators.ignored),
}
#: A container's place in a network.
ENDPOINT = validators.optional(obj(_ENDPOINT), dict)
#: ``NetworkingConfig`` of a new container.
NETWORKING = obj({"EndpointsConfig": validators.mapping(network, ENDPOINT)})

_OPTIONS = validators.choice(
    "com.docker.network.bridge.enable_icc",
    "com.docker.network.bridge.enable_ip_masquerade",
    "com.docker.network.bridge.host_binding_ipv4",
    "com.docker.network.driver.mtu",
)
_POOL = {
    "Subnet": subnet,
    "IPRange": subnet,
    "Gateway": address,
    "AuxiliaryAddresses": validators.mapping(line, address),
}
#: The body of ``POST /networks/create``.
NETWORK = obj(
    {
        "Name": identifiers.name,
        "CheckDuplicate": validators.ignored,
        "Driver": validators.choice("", "bridge"),
        "Scope": validators.choice("", "local"),
        **dict.fromkeys("Internal Attachable EnableIPv6".split(), validators.boolean),
        "IPAM": obj(
            {
                "Driver": validators.choice("", "default"),
                "Config": validators.items(obj(_POOL)),
                "Options": obj(validators.EMPTY),
            }
        ),
        "Options": validators.mapping(_OPTIONS, line),
        "Labels": identifiers.labels,
    }
)
#: The bodies of ``POST /networks/{id}/connect`` and ``/disconnect``.
CONNECT = obj({"Container": identifiers.own_container, "EndpointConfig": ENDPOINT})
DISCONNECT = obj({"Container": identifiers.own_container, "Force": validators.boolean})
