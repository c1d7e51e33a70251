"""What others can reach and read: published ports, networks, the password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docker.models.containers import Container

from autograder.checks.api import Failed, check
from autograder.checks.context import CheckContext
from autograder.probes import database
from autograder.probes.compose import Stack, addresses, find, name_of
from autograder.probes.port_bindings import bindings, listed

from . import scram
from .ledger_client import PORT
from .running_checks import PARTS, running

_PASSWORDS = "SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL"


@check(points=1, needs=[running])
def published(context: CheckContext) -> None:
    """Only `front` is published: at port 8082 of 127.0.0.1."""
    stack = find(context, PARTS)
    published_at = {binding for container in stack.parts["front"] for binding in bindings(container)}
    for container in (*stack.all, *stack.others):
        if container.attrs["HostConfig"].get("NetworkMode") == "host":
            raise Failed(
                f"`{name_of(container)}` uses the host's network.",
                hint="There, all its ports can be reached from outside. Search for `network_mode`.",
            )
        if container not in stack.parts["front"] and bindings(container):
            raise Failed(
                f"`{name_of(container)}` is published at {listed(bindings(container))}.",
                hint="Containers in one network reach each other without that. Search for `ports`.",
            )
    if {port for _, port in published_at} != {PORT} or {address for address, _ in published_at} - {"127.0.0.1", "::1"}:
        raise Failed(
            f"`front` is published at {listed(published_at)}.",
            hint="`ports` takes three parts: an address of the host, the host's port, the container's port.",
        )


@check(points=2, needs=[running])
def apart(context: CheckContext) -> None:
    """From the network of `app` the database can be reached, from that of `front` it can't."""
    parts = find(context, PARTS).parts
    targets = [address for container in parts["database"] for address in addresses(container)]
    if not any(_connects(context, container, targets) for container in parts["app"]):
        raise Failed(
            "From the network of `app`, nothing answers at port 5432 of the database.",
            hint="The two need a network in common: search for `networks`. Is the database ready?",
        )
    if any(_connects(context, container, targets) for container in parts["front"]):
        raise Failed(
            "From the network of `front`, the database answers at port 5432.",
            hint="A service can be in two networks: search for `networks`. Which of the three has to be?",
        )


@check(points=2, needs=[running])
def secret(context: CheckContext) -> None:
    """The database requires a password, and no setting of a container or an image shows it."""
    stack = find(context, PARTS)
    container = stack.parts["database"][0]
    address = next(iter(addresses(container)), "127.0.0.1")
    output = database.psql_output(context, container, f"psql --no-password --host={address} --command='' 2>&1")
    if "no password supplied" not in output:
        raise Failed(
            f"A client without a password connected to the database. The answer was {output.strip()[-120:]!r}.",
            hint="Every client that comes over the network should need the password. Search for `POSTGRES_PASSWORD`.",
        )
    stored = database.psql_output(context, container, f"psql --tuples-only --no-align --command='{_PASSWORDS}' 2>&1")
    verifiers = [verifier for line in stored.splitlines() if (verifier := scram.Verifier.read(line))]
    if not verifiers:
        raise Failed(
            f"No user of the database has a password: {stored.strip()[-120:]!r}",
            hint="Does the server start with a password at all? Search for `POSTGRES_PASSWORD_FILE`.",
        )
    if place := scram.teller(verifiers, _settings(context, stack)):
        raise Failed(
            f"`docker inspect` or `docker history` of {place} shows the password.",
            hint="The database and the app can read it from a file. Search for `secrets`.",
        )


def _connects(context: CheckContext, container: Container, targets: list[str]) -> bool:
    """Return whether the database's port answers at one of these addresses, asked in a container's network."""
    tries = " || ".join(f"nc -w 2 {address} 5432 < /dev/null" for address in targets) or "false"
    return context.run(tries, network_mode=f"container:{container.id}")[0] == 0


def _settings(context: CheckContext, stack: Stack) -> Iterator[tuple[str, Any]]:
    """Yield what Docker shows of each container and of its image, each with its name for a reason."""
    images = dict[str, str]()
    for container in (*stack.all, *stack.others):
        images.setdefault(container.attrs["Image"], name_of(container))
        yield f"the container `{name_of(container)}`", container.attrs
    for image_id, name in images.items():
        image = context.docker.images.get(image_id)
        yield f"the image of `{name}`", [image.attrs, image.history()]
