"""The daemon that was taken, as a value with facts a person wants to see."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drydock import images
from drydock.core import environment
from drydock.core.endpoint import Endpoint
from drydock.engine.providers.candidate import Candidate
from drydock.errors import BadRecipe

if TYPE_CHECKING:
    import docker

    from drydock.machine import Machine

#: Images that only grading uses, and only in machines, which have them.
_NOT_FOR_LESSONS = ("kernel",)


@dataclass(frozen=True)
class Engine:
    """A Docker daemon that answers: where it is, what it is, and what every place that was asked said."""

    endpoint: Endpoint
    version: str
    api: str
    system: str
    where: str
    taken: Candidate
    candidates: tuple[Candidate, ...]
    #: The lessons' images that it lacks.
    missing: tuple[images.Image, ...] = ()
    #: The machine, if it was booted for this very engine; who took the engine stops it, or leaves it running.
    booted: Machine | None = None

    @classmethod
    def look(
        cls, endpoint: Endpoint, taken: Candidate, candidates: tuple[Candidate, ...], booted: Machine | None = None
    ) -> Engine:
        """Ask the daemon what it is."""
        with closing(endpoint.client()) as client:
            version, info = client.version(), client.info()
            missing = _missing(client)
        return cls(
            endpoint=endpoint,
            version=str(version["Version"]),
            api=str(version["ApiVersion"]),
            system=f"{info['OperatingSystem']}, {version['Os']}/{version['Arch']}",
            where=_where(endpoint, info),
            taken=taken,
            candidates=candidates,
            missing=missing,
            booted=booted,
        )

    @property
    def machine(self) -> str | None:
        """The name of the machine it runs in, if it is one of Drydock's."""
        return environment.machine_of(self.endpoint)

    def environment(self) -> dict[str, str]:
        """The variables that make children of this process use it."""
        return environment.environment(self.endpoint)

    def client(self) -> docker.DockerClient:
        """A docker-py client of it; the caller closes it."""
        return self.endpoint.client()

    def facts(self) -> dict[str, str]:
        """What a person wants to know of it, in reading order."""
        facts = {
            "engine": f"Docker {self.version} (API {self.api})",
            "system": self.system,
            "runs": self.where,
            "address": self.endpoint.host,
        }
        if self.missing:
            tags = ", ".join(image.tag for image in self.missing)
            facts["lacks"] = f"{tags}; `drydock images build` in a terminal makes them"
        return facts

    def __repr__(self) -> str:
        return "\n".join(f"{name:>8}  {fact}" for name, fact in self.facts().items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:right;opacity:.7'>{name}</td>"
            f"<td style='text-align:left'>{escape(fact)}</td></tr>"
            for name, fact in self.facts().items()
        )
        return f"<table>{rows}</table>"


def _missing(client: docker.DockerClient) -> tuple[images.Image, ...]:
    try:
        stock = images.ls(client)
    except BadRecipe:  # the package alone, without the course around it
        return ()
    return tuple(one.image for one in stock if one.size is None and one.image.name not in _NOT_FOR_LESSONS)


def _where(endpoint: Endpoint, info: dict[str, Any]) -> str:
    """Where its containers run, said for a person."""
    if machine := environment.machine_of(endpoint):
        return f"in the machine {machine!r}, a Linux kernel of its own that runs here as a process"
    if info.get("OperatingSystem") == "Docker Desktop":
        return "in Docker Desktop's virtual machine on this computer"
    parts = urlsplit(endpoint.host)
    if parts.scheme in ("unix", "npipe", "http+unix") or parts.hostname in ("localhost", "127.0.0.1", "::1"):
        return "on this computer"
    return f"on {parts.hostname}"
