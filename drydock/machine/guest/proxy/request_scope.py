"""What a request is validated against: the work folders of its sender, and what the daemon has already.

Containers, networks and commands are looked up before the daemon gets the request, which then names them by their full
ids or names. So the daemon can't take a name for another object, also not later.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from drydock.machine.guest.proxy.refusal import NOT_FOUND, Refused

#: The label with the owner of a container. The daemon copies labels from the image, so a container of the submission
#: always gets its own value from the proxy.
OWNER_LABEL = "io.drydock.owner"
GRADER, SUBMISSION = "autograder", "submission"

#: Networks that every daemon has, and that give no access to the machine's own network.
_PREDEFINED = ("default", "bridge", "none")
_DRIVERS = ("bridge", "null")


class WorkFolder(NamedTuple):
    """A folder of the student's work: a volume, and the path where the submission sees it."""

    volume: str
    path: str


class Container(NamedTuple):
    """A container as the daemon knows it: its full id, and the value of its owner label."""

    id: str
    owner: str


class Network(NamedTuple):
    """A network as the daemon knows it."""

    name: str
    driver: str


class Lookups(Protocol):
    """The proxy's own questions to the daemon."""

    def container(self, name: str) -> Container | None:
        """Return the container of this name or id, or None."""
        ...

    def network(self, name: str) -> Network | None:
        """Return the network of this name or id, or None."""
        ...

    def exec_container(self, exec_id: str) -> str | None:
        """Return the id of the container that a command runs in, or None."""
        ...


class Scope:
    """The scope of one request. ``missing`` collects the folders that it mounts and that may have to be made first."""

    def __init__(self, lookups: Lookups, folders: tuple[WorkFolder, ...] = ()) -> None:
        self._lookups = lookups
        self.folders = folders
        self.missing: list[tuple[WorkFolder, str]] = []

    @property
    def own_label(self) -> str:
        """The label of all containers of the submission, as a filter names it."""
        return f"{OWNER_LABEL}={SUBMISSION}"

    def any_container(self, name: str) -> str:
        """Return the full id of a container."""
        return self._container(name).id

    def own_container(self, name: str) -> str:
        """Return the full id of a container of the submission."""
        container = self._container(name)
        if container.owner != SUBMISSION:
            raise Refused(f"the container {name} does not belong to the submission")
        return container.id

    def own_exec(self, exec_id: str) -> str:
        """Return the id of a command that runs in a container of the submission."""
        container = self._lookups.exec_container(exec_id)
        if container is None:
            raise Refused(f"No such exec instance: {exec_id}", NOT_FOUND)
        self.own_container(container)
        return exec_id

    def network(self, name: str) -> str:
        """Return the full name of a network that a container may join."""
        if name in _PREDEFINED:
            return name
        network = self._lookups.network(name)
        if network is None:
            raise Refused(f"network {name} not found", NOT_FOUND)
        if network.driver not in _DRIVERS:
            raise Refused(f"the network {name} is not a bridge network")
        return network.name

    def _container(self, name: str) -> Container:
        container = self._lookups.container(name)
        if container is None:
            raise Refused(f"No such container: {name}", NOT_FOUND)
        return container
