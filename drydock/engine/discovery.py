"""The search for a Docker engine: it asks the providers in order and uses the first engine that they have."""

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

#: The providers in the order in which they are asked: the most explicit choice first.
PROVIDERS: tuple[Provider, ...] = (docker_host, docker_context, local_socket, running_machine, new_machine)
#: The providers of Drydock machines.
_MACHINE_PROVIDERS: tuple[Provider, ...] = (running_machine, new_machine)
#: The variable that asks for a kind of engine, as the argument of :func:`start` does.
ENGINE_VARIABLE = "DRYDOCK_ENGINE"
ENGINE_KINDS = ("host", "machine")


def start(engine: str | None = None, *, shares: Sequence[Path] | None = None, owned: bool = False) -> Engine:
    """Find a Docker daemon, or boot one, and make this process and its later children use it.

    ``engine`` (or the variable ``DRYDOCK_ENGINE``) asks for the ``"host"``'s daemon or for one in a ``"machine"``;
    without it, the first that can be used is. A machine shares the folders ``shares`` with its containers (default: the
    current folder). With ``owned``, a machine that is booted here ends together with this process.
    Raises :class:`~drydock.errors.NoEngine` with each provider's reason.
    """
    if shares is None:
        shares = shareable(Path.cwd())
    selected = find(engine, shares=shares, owned=owned)
    environment.use(selected.endpoint)
    return selected


def find(engine: str | None = None, *, shares: Sequence[Path] = (), owned: bool = False) -> Engine:
    """Return what :func:`start` does, without changing the environment of this process."""
    candidates: list[Candidate] = []
    for candidate in detect(engine):
        candidates.append(candidate)
        if candidate.usable:
            return connect(candidate, tuple(candidates), shares, owned=owned)
    raise NoEngine([(candidate.name, candidate.reason) for candidate in candidates])


def detect(engine: str | None = None) -> Iterator[Candidate]:
    """Yield each provider's candidate; a provider is asked only when its candidate is needed."""
    kind = engine or os.environ.get(ENGINE_VARIABLE) or None
    if kind not in (None, *ENGINE_KINDS):
        raise UnknownEngine(str(kind), ENGINE_KINDS)
    for provider in PROVIDERS:
        if kind == "machine" and not _may_have_machine(provider):
            yield Candidate(provider.NAME, "host", "not asked, because a machine was requested")
        elif kind == "host" and provider in _MACHINE_PROVIDERS:
            yield Candidate(provider.NAME, "machine", "not asked, because the host's own Docker was requested")
        else:
            yield _of_kind(kind, provider.detect())


def connect(
    candidate: Candidate, candidates: tuple[Candidate, ...], shares: Sequence[Path] = (), *, owned: bool = False
) -> Engine:
    """Return the candidate's engine; a machine is booted if it must be, and gets the folders shared."""
    if candidate.endpoint is not None:
        _share(candidate.endpoint, shares)
        return Engine.inspect(candidate.endpoint, candidate, candidates)
    assert candidate.boot is not None
    machine, booted_here = candidate.boot(shares, owned)
    return Engine.inspect(machine.endpoint, candidate, candidates, booted_machine=machine if booted_here else None)


def shareable(folder: Path) -> list[Path]:
    """Return the folder, or nothing if a machine can't share it: a machine has system folders of its own."""
    if not platform.supports_machines():
        return []
    from drydock.machine.store import validate

    try:
        validate.shared_folder(folder)
    except BadSetting:
        return []
    return [folder]


def _share(endpoint: Endpoint, shares: Sequence[Path]) -> None:
    name = environment.machine_name(endpoint)
    if name is not None and shares:
        from drydock.machine import Machine

        for folder in shares:
            Machine(name).share(folder)


def _may_have_machine(provider: Provider) -> bool:
    """Return whether a provider can have a machine: ``DOCKER_HOST`` can if Drydock set it."""
    host = os.environ.get("DOCKER_HOST", "")
    return provider in _MACHINE_PROVIDERS or (provider is docker_host and environment.set_by_drydock(host))


def _of_kind(kind: str | None, candidate: Candidate) -> Candidate:
    """Return the candidate, without its endpoint if another kind was requested: DOCKER_HOST may be a machine's."""
    if candidate.endpoint is None or kind in (None, candidate.kind):
        return candidate
    reason = f"it is the address of a {candidate.kind}, but the {kind} was requested"
    return Candidate(candidate.name, candidate.kind, reason)
