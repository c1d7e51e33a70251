"""Asks every place in order, takes the first that can give a Docker, and points this process at it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from drydock.core import environment, platform
from drydock.core.endpoint import Endpoint
from drydock.engine.engine import Engine
from drydock.engine.providers import docker_context, docker_host, local_socket, new_machine, running_machine
from drydock.engine.providers.candidate import Candidate, Provider
from drydock.errors import BadSetting, NoEngine, UnknownEngine

#: Asked in this order, the most explicit first.
PLACES: tuple[Provider, ...] = (docker_host, docker_context, local_socket, running_machine, new_machine)
#: An explicit choice without an argument: ``host`` or ``machine``.
CHOICE = "DRYDOCK_ENGINE"
CHOICES = ("host", "machine")


def start(engine: str | None = None, *, shares: Sequence[Path] | None = None, owned: bool = False) -> Engine:
    """Find a Docker daemon, or boot one, and make this process and its children use it.

    ``engine`` (or the variable ``DRYDOCK_ENGINE``) asks for the ``"host"``'s daemon or a ``"machine"``; without it,
    the first that can be had is taken. ``shares`` are the folders a machine shows to its containers; the current
    one if none is given. ``owned`` ties the life of a machine that is booted here to this process.
    Raises :class:`~drydock.errors.NoEngine`, saying who was asked and why each declined.
    """
    found = find(engine, shares=shareable(Path.cwd()) if shares is None else shares, owned=owned)
    environment.point_here(found.endpoint)
    return found


def find(engine: str | None = None, *, shares: Sequence[Path] = (), owned: bool = False) -> Engine:
    """The same without changing this process."""
    asked: list[Candidate] = []
    for candidate in ask(engine):
        asked.append(candidate)
        if candidate.usable:
            return take(candidate, tuple(asked), shares, owned=owned)
    raise NoEngine([(candidate.name, candidate.reason) for candidate in asked])


def ask(engine: str | None = None) -> Iterator[Candidate]:
    """What each place answers, one after the other, as far as the caller wants to hear."""
    choice = engine or os.environ.get(CHOICE) or None
    if choice not in (None, *CHOICES):
        raise UnknownEngine(str(choice), CHOICES)
    for place in PLACES:
        if (
            choice == "machine"
            and place not in (running_machine, new_machine)
            and not (place is docker_host and _is_ours())
        ):
            yield Candidate(place.NAME, "host", "not asked: you asked for a machine")
        elif choice == "host" and place in (running_machine, new_machine):
            yield Candidate(place.NAME, "machine", "not asked: you asked for the host's own Docker")
        else:
            yield _fitting(place.ask(), choice)


def take(
    candidate: Candidate, asked: tuple[Candidate, ...], shares: Sequence[Path] = (), *, owned: bool = False
) -> Engine:
    """The candidate's engine, booted if need be; a machine that runs already gets the folders shared."""
    if candidate.endpoint is not None:
        _share(candidate.endpoint, shares)
        return Engine.look(candidate.endpoint, candidate, asked)
    assert candidate.boot is not None
    machine = candidate.boot(shares, owned)
    return Engine.look(machine.endpoint, candidate, asked, booted=machine)


def shareable(folder: Path) -> list[Path]:
    """Return the folder, or nothing where a machine can't share it: system folders are the machine's own there."""
    if not platform.is_possible():
        return []
    from drydock.machine.store import validate

    try:
        validate.shared_folder(folder)
    except BadSetting:
        return []
    return [folder]


def _share(endpoint: Endpoint, shares: Sequence[Path]) -> None:
    name = environment.machine_of(endpoint)
    if name is not None and shares:
        from drydock.machine import Machine

        for folder in shares:
            Machine(name).share(folder)


def _is_ours() -> bool:
    """Whether DOCKER_HOST is of Drydock's own making, so that it may well lead to a machine."""
    return environment.is_ours(os.environ.get("DOCKER_HOST", ""))


def _fitting(candidate: Candidate, choice: str | None) -> Candidate:
    """DOCKER_HOST may hold a machine's address although the host's own daemon was asked for."""
    if candidate.endpoint is None or choice in (None, candidate.kind):
        return candidate
    return Candidate(candidate.name, candidate.kind, f"it leads to a {candidate.kind}, and you asked for the {choice}")
